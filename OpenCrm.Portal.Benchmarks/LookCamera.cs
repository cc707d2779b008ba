using Microsoft.Playwright;

namespace OpenCrm.Portal.Benchmarks;

/// <summary>
/// Takes screenshots of one tab in every shape: widths, themes, forced colours, and as if pointer or focus were on everything at once.
/// </summary>
internal sealed class LookCamera(IPage page, string folder, bool scripted)
{
    private static readonly Shape[] Shapes =
    [
        new("1280-light", 1280), new("1280-dark", 1280, Dark: true), new("390-light", 390), new("390-dark", 390, Dark: true),
        new("900-tablet", 900, Touch: true), new("320-light", 320), new("1280-forced", 1280, Forced: true),
        new("1280-hover", 1280, Pseudo: ["hover", "active"]), new("1280-focus", 1280, Pseudo: ["focus", "focus-visible", "focus-within"]),
        new("390-forced", 390, Forced: true),
    ];

    // Replaces what differs from run to run: times, keys and ports. Everything keeps its width and place.
    private const string Freeze =
        """
        () => {
          const months = 'Jan(uary)?|Feb(ruary)?|Mar(ch)?|Apr(il)?|May|June?|July?|Aug(ust)?|Sept?(ember)?|Oct(ober)?|Nov(ember)?|Dec(ember)?';
          const days = '(Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day,? ';
          const changing = [
            [new RegExp('(' + days + ')?\\b\\d{1,2} (' + months + ')( \\d{4})?', 'g'), 'DAY'], [/\b\d{4}-\d\d-\d\d\b/g, 'DAY'],
            [/\b\d{1,2}:\d\d(:\d\d)?\b/g, '00:00'], [/\b(localhost|127\.0\.0\.1):\d+/g, 'localhost:5000'],
            [/\b(\d+|a|an) (second|minute|hour|day|week|month|year)s? ago/g, 'AGO'],
            [/\/tmp\/opencrm-[\w-]+/g, '/tmp/folder'],
            [/\b[0-9a-f]{32}\b|\b00-[0-9a-f]{32}-[0-9a-f]{16}-0\d\b|\b0H[A-Z0-9]{11}:[0-9A-F]{8}\b/g, 'REQUEST'],
          ];
          const fixed = text => changing.reduce((sum, [what, by]) => sum.replace(what, by), text);
          const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
          for (let node; node = texts.nextNode();) {
            if (node.parentElement.closest('script, style')) continue;
            const text = node.parentElement.closest('time')
              ? 'TIME'
              : node.parentElement.closest('.key__value') ? node.data.replace(/[A-Z2-7]/g, 'A') : fixed(node.data);
            if (text !== node.data) node.data = text;
          }
          for (const field of document.querySelectorAll('input, textarea')) {
            const text = fixed(field.value);
            if (text !== field.value && field.type !== 'date') field.value = text;
          }
          for (const time of document.querySelectorAll('[data-exact]')) time.dataset.exact = 'EXACT';
          for (const path of document.querySelectorAll('.qr path + path')) path.setAttribute('d', 'M4 4h9v9H4z');
        }
        """;

    private ICDPSession? _session;

    public static int PicturesPerState => Shapes.Length;

    public async Task TakeAsync(string name)
    {
        // Fonts are there, and what was rendered is painted. In a page without scripts no promise is ever kept.
        if (scripted)
            await page.EvaluateAsync(
                "() => document.fonts.ready.then(() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done))))");
        _session ??= await page.Context.NewCDPSessionAsync(page);
        foreach (var shape in Shapes)
            await TakeAsync(name, shape);
        await SetAsync(Shapes[0]);
    }

    private async Task TakeAsync(string name, Shape shape)
    {
        await SetAsync(shape);
        await page.EvaluateAsync(Freeze);
        if (shape.Pseudo.Length > 0)
            await ForceAsync(shape.Pseudo);
        await page.ScreenshotAsync(new()
        {
            Path = Path.Combine(folder, $"{name}.{shape.Name}.png"),
            FullPage = true,
            Animations = ScreenshotAnimations.Disabled,
            Caret = ScreenshotCaret.Hide,
            // The mail in it says until when it counts.
            Mask = [page.Locator("iframe")],
        });
        if (shape.Pseudo.Length > 0)
            await ForceAsync([]);
    }

    private async Task SetAsync(Shape shape)
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

    private sealed record Shape(string Name, int Width, bool Dark = false, bool Touch = false, bool Forced = false, string[]? Pseudo = null)
    {
        public string[] Pseudo { get; } = Pseudo ?? [];
    }
}
