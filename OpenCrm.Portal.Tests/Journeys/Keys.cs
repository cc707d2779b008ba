using Microsoft.Playwright;

namespace OpenCrm.Portal.Tests.Journeys;

/// <summary>A keyboard, and where its focus is in the words that a screen reader reads.</summary>
internal sealed class Keys(IPage page)
{
    private const string Name =
        """
        () => {
          const e = document.activeElement;
          const named = (e.getAttribute('aria-labelledby') ?? '').split(' ').filter(Boolean).map(id => document.getElementById(id)?.innerText);
          const labels = [...(e.labels ?? [])].map(label => label.innerText);
          return (e.getAttribute('aria-label') || named.join(' ') || labels.join(' ') || e.innerText || '').trim();
        }
        """;

    /// <summary>No page has more stops than this.</summary>
    private const int Stops = 120;

    public Task<string> FocusedAsync() => page.EvaluateAsync<string>(Name);

    public Task PressAsync(string key) => page.Keyboard.PressAsync(key);

    public Task TypeAsync(string text) => page.Keyboard.TypeAsync(text);

    /// <summary>Goes from stop to stop until one has this name. Each stop on the way has to show that it has the focus.</summary>
    public async Task TabToAsync(string name, string by = "Tab")
    {
        for (var i = 0; i < Stops; i++)
        {
            if (await FocusedAsync() == name && await IsStopAsync()) return;
            await PressAsync(by);
            Assert.True(await IsShownAsync(), $"The focus is on “{await FocusedAsync()}” and cannot be seen.");
        }
        Assert.Fail($"No stop is named “{name}”.");
    }

    private Task<bool> IsStopAsync() => page.EvaluateAsync<bool>("() => document.activeElement !== document.body");

    // A field may show the focus at its frame, and a hidden tick or file field at its label.
    private Task<bool> IsShownAsync() => page.EvaluateAsync<bool>(
        """
        () => {
          const e = document.activeElement;
          // A heading that a page or a step moves the focus to is where reading begins, and no stop.
          if (e === document.body || e.tagName === 'IFRAME' || e.tabIndex < 0) return true;
          const shows = x => {
            const s = getComputedStyle(x);
            return (s.outlineStyle !== 'none' && s.outlineWidth !== '0px') || s.boxShadow !== 'none';
          };
          for (let x = e, i = 0; x && i < 4; x = x.parentElement, i++) if (shows(x)) return true;
          return [...(e.labels ?? [])].some(shows);
        }
        """);
}
