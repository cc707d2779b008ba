using System.Text.Encodings.Web;

namespace OpenCrm.Portal.Shell.Http;

/// <summary>
/// A page that needs nothing of the portal but its colours: no script, no stylesheet, no database, no address of its own. Shown where no real page
/// can be: the database is away, or the portal was opened under a name that is not its own.
/// </summary>
internal static class PlainPage
{
    /// <param name="again">Whether to show a button that loads the page again.</param>
    /// <param name="link">An address to go to, shown in full; null for none.</param>
    /// <param name="small">A note for the operator; null for none.</param>
    internal static string Html(string title, string text, bool again = false, string? link = null, string? small = null)
    {
        var encode = HtmlEncoder.Default;
        var to = again ? $"<a href=\"\">{encode.Encode(Texts.Shell_TryAgain)}</a>"
            : link is not null ? $"<a class=\"plain\" href=\"{encode.Encode(link)}/\">{encode.Encode(link)}</a>" : "";
        var below = small is null ? "" : $"<p><small>{encode.Encode(small)}</small></p>";
        return
            $$$"""
            <!DOCTYPE html>
            <html lang="{{{Texts.Shell_Language}}}">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <meta name="color-scheme" content="light dark">
            <meta name="robots" content="noindex">
            <title>{{{encode.Encode(title)}}} · {{{encode.Encode(Texts.Product)}}}</title>
            <style>
            :root{{{{Colours(PortalTheme.Light)}}}}
            @media (prefers-color-scheme:dark){:root{{{{Colours(PortalTheme.Dark)}}}}}
            *{box-sizing:border-box}
            body{margin:0;min-height:100vh;display:grid;place-items:center;padding:32px 16px;background:var(--bg);color:var(--text);
            font:15px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif}
            main{width:100%;max-width:416px;padding:40px;border:1px solid var(--border);border-radius:8px;background:var(--surface)}
            svg{width:32px;height:32px;vertical-align:middle;margin-right:8px}
            p{margin:8px 0 0;color:var(--muted)}
            .brand{margin:0 0 32px;color:var(--text);font-weight:600}
            h1{margin:0;font-size:20px;line-height:1.25;font-weight:600}
            a{display:inline-block;margin-top:24px;padding:8px 16px;border-radius:8px;background:var(--accent);
            color:var(--on);font-weight:600;text-decoration:none}
            a.plain{margin-top:8px;padding:0;background:none;color:var(--accent);overflow-wrap:anywhere;font-weight:400;text-decoration:underline}
            small{color:var(--muted)}
            a:focus-visible{outline:2px solid var(--accent);outline-offset:2px}
            @media (max-width:599px){body{display:block;padding:0;background:var(--surface)}main{max-width:none;padding:32px 24px;border:0}}
            </style>
            </head>
            <body>
            <main>
            <p class="brand"><svg viewBox="0 0 32 32" aria-hidden="true"><rect width="32" height="32" rx="8" fill="var(--accent)"/>
            <path d="M22.9 13.8a7.3 7.3 0 1 1-4.7-4.75" fill="none" stroke="var(--on)" stroke-width="3" stroke-linecap="round"/>
            <circle cx="22.3" cy="9.3" r="2.1" fill="var(--on)"/></svg>{{{encode.Encode(Texts.Product)}}}</p>
            <h1>{{{encode.Encode(title)}}}</h1>
            <p>{{{encode.Encode(text)}}}</p>
            {{{to}}}
            {{{below}}}
            </main>
            </body>
            </html>

            """;
    }

    private static string Colours(PortalTheme.Colours c) =>
        $"--bg:{c.Bg};--surface:{c.Surface};--border:{c.Border};--text:{c.Text};--muted:{c.TextMuted};--accent:{c.Accent};--on:{c.OnAccent}";
}
