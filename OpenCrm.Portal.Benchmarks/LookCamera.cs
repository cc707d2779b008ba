using Microsoft.Playwright;

namespace OpenCrm.Portal.Benchmarks;

/// <summary>
/// Takes screenshots of one tab in several shapes: widths, themes, forced colours, and as if pointer or focus were on everything at once.
/// </summary>
internal sealed class LookCamera(IPage page, string folder, Func<string, LookShape[]> shapesOf)
{
    // Replaces what differs from run to run although the clock stands still: keys, ports, folders and numbers of requests.
    private const string Freeze =
        """
        ([qr, qrSize]) => {
          const changing = [
            [/\b(localhost|127\.0\.0\.1):\d+/g, 'localhost:5000'], [/\/tmp\/opencrm-[\w-]+/g, '/var/lib/opencrm'],
            [/\b[0-9a-f]{32}\b|\b00-[0-9a-f]{32}-[0-9a-f]{16}-0\d\b|\b0H[A-Z0-9]{11}:[0-9A-F]{8}\b/g, '0HNB5S8V2Q4KT:00000007'],
          ];
          changing.push([/\b[0-9A-HJKMNP-TV-Z]{4}(-[0-9A-HJKMNP-TV-Z]{4}){2}\b/g, '7K3M-9PQR-X2WD']);
          const fixed = text => changing.reduce((sum, [what, by]) => sum.replace(what, by), text);
          const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
          for (let node; node = texts.nextNode();) {
            if (node.parentElement.closest('script, style')) continue;
            const text = node.parentElement.closest('.key__value') ? 'JBSW Y3DP EHPK 3PXP JBSW Y3DP EHPK 3PXP' : fixed(node.data);
            if (text !== node.data) node.data = text;
          }
          for (const field of document.querySelectorAll('input, textarea')) {
            const text = fixed(field.value);
            if (text !== field.value && field.type !== 'date') field.value = text;
          }
          for (const path of document.querySelectorAll('.qr path + path')) {
            path.parentElement.setAttribute('viewBox', `0 0 ${qrSize} ${qrSize}`);
            path.setAttribute('d', qr);
          }
          // The preview of a mail names the portal's address. Nothing is waited for on a page without scripts.
          const frames = Array.from(document.querySelectorAll('iframe[srcdoc]')).filter(frame => fixed(frame.srcdoc) !== frame.srcdoc);
          return frames.length === 0 ? null : Promise.all(frames.map(frame => new Promise(done => {
            frame.addEventListener('load', () => done(), { once: true });
            frame.srcdoc = fixed(frame.srcdoc);
          })));
        }
        """;

    // What comes late is there, and what was rendered is painted.
    private const string Settle =
        """
        () => {
          const late = Array.from(document.querySelectorAll('img[loading=lazy]'));
          const painted = () => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)));
          if (late.length === 0) return document.fonts.ready.then(painted);
          for (const picture of late) picture.loading = 'eager';
          return Promise.all(late.map(picture => picture.offsetParent && picture.decode().catch(() => {}))).then(painted);
        }
        """;

    private static readonly object[] Example =
        ExampleQr.Draw("otpauth://totp/OpenCRM:admin?secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP&issuer=OpenCRM");

    /// <summary>Pixels of the page around an element.</summary>
    private const float Around = 12;

    private ICDPSession? _session;

    public async Task TakeAsync(string name)
    {
        await SettleAsync();
        _session ??= await page.Context.NewCDPSessionAsync(page);
        foreach (var shape in shapesOf(name))
            await TakeAsync(name, shape);
        await SetAsync(LookShape.Desktop);
    }

    /// <summary>Takes an element with a little of what is around it, cut below where it is taller than that.</summary>
    public async Task<byte[]> TakeAsync(ILocator element, bool dark, int highest)
    {
        await SettleAsync();
        await page.EmulateMediaAsync(new()
        {
            ColorScheme = dark ? ColorScheme.Dark : ColorScheme.Light,
            ReducedMotion = ReducedMotion.Reduce,
        });
        await page.EvaluateAsync(Freeze, Example);
        // Not by the whole page: that would make the window as high as the page, and a popup would stand elsewhere.
        await element.EvaluateAsync("element => { document.activeElement?.blur(); element.scrollIntoView({ block: 'start' }); }");
        var box = (await element.BoundingBoxAsync())!;
        var window = page.ViewportSize!;
        var (left, top) = (MathF.Max(0, MathF.Floor(box.X) - Around), MathF.Max(0, MathF.Floor(box.Y) - Around));
        return await page.ScreenshotAsync(new()
        {
            Clip = new()
            {
                X = left,
                Y = top,
                Width = MathF.Min(window.Width - left, MathF.Ceiling(box.Width) + (2 * Around)),
                Height = MathF.Min(MathF.Min(highest, window.Height - top), MathF.Ceiling(box.Height) + (2 * Around)),
            },
            Animations = ScreenshotAnimations.Disabled,
            Caret = ScreenshotCaret.Hide,
        });
    }

    private async Task TakeAsync(string name, LookShape shape)
    {
        await SetAsync(shape);
        await page.EvaluateAsync(Freeze, Example);
        if (shape.Pseudo.Length > 0)
            await ForceAsync(shape.Pseudo);
        // A sandboxed frame that was never in view, as the preview of a mail, is left out of a full-page picture (findings/).
        foreach (var frame in await page.Locator("iframe").AllAsync()) await frame.ScrollIntoViewIfNeededAsync();
        await page.EvaluateAsync("() => scrollTo(0, 0)");
        await page.ScreenshotAsync(new()
        {
            Path = Path.Combine(folder, $"{name}.{shape.Name}.png"),
            FullPage = true,
            Animations = ScreenshotAnimations.Disabled,
            Caret = ScreenshotCaret.Hide,
        });
        if (shape.Pseudo.Length > 0)
            await ForceAsync([]);
    }

    /// <summary>Waits no longer than a page needs: one whose scripts are switched off may never say that it is painted.</summary>
    private async Task SettleAsync() => await Task.WhenAny(page.EvaluateAsync(Settle), Task.Delay(TimeSpan.FromSeconds(5)));

    private async Task SetAsync(LookShape shape)
    {
        await page.SetViewportSizeAsync(shape.Width, shape.Width < 600 ? 844 : 900);
        await page.EmulateMediaAsync(new()
        {
            ColorScheme = shape.Dark ? ColorScheme.Dark : ColorScheme.Light,
            ForcedColors = shape.Forced ? ForcedColors.Active : ForcedColors.None,
            ReducedMotion = ReducedMotion.Reduce
        });
        await _session!.SendAsync("Emulation.setTouchEmulationEnabled", new() { ["enabled"] = shape.Touch });
    }

    private async Task ForceAsync(string[] states)
    {
        if (states.Length == 0)
        {
            await _session!.SendAsync("CSS.disable");
            await _session.SendAsync("DOM.disable");
            return;
        }
        await _session!.SendAsync("DOM.enable");
        await _session.SendAsync("CSS.enable");
        var root = (await _session.SendAsync("DOM.getDocument"))!.Value.GetProperty("root").GetProperty("nodeId").GetInt32();
        var nodes = (await _session.SendAsync("DOM.querySelectorAll", new() { ["nodeId"] = root, ["selector"] = "body *" }))!
            .Value.GetProperty("nodeIds");
        await Task.WhenAll(nodes.EnumerateArray().Select(node =>
            _session.SendAsync("CSS.forcePseudoState", new() { ["nodeId"] = node.GetInt32(), ["forcedPseudoClasses"] = states })));
    }
}
