using System.Globalization;
using Microsoft.AspNetCore.Components;
using OpenCrm.Portal.Controls;
using OpenCrm.Portal.Sessions;

namespace OpenCrm.Portal.Help;

/// <summary>The region "Ratings". The service alone decides who may read them; hiding this component protects nothing.</summary>
public sealed partial class RatingsPanel(ArticleRatings ratings, Announcer announcer, BrowserTime browser, ILogger<RatingsPanel> log) : IDisposable
{
    private RatingsPart? part;
    private string? problem;
    private ElementReference commentsHeading;
    private bool turned;

    public void Dispose() => browser.Changed -= OnBrowserTimeChanged;

    /// <summary>Reads the ratings again, from the newest comment on.</summary>
    public Task ReloadAsync() => ReadAsync(new CommentTurn.Newest());

    protected override async Task OnInitializedAsync()
    {
        browser.Changed += OnBrowserTimeChanged;
        if (RendererInfo.IsInteractive) await ReloadAsync();
    }

    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (!turned || part is null) return;
        turned = false;
        // The button that was pressed may be disabled now, so the heading gets the focus.
        await commentsHeading.MoveToAsync();
    }

    private async Task TurnAsync(CommentTurn asked)
    {
        await ReadAsync(asked);
        if (problem is not null) return;
        turned = true;
        announcer.Say(Phrase.Of(Texts.Help_CommentsShown, part!.Comments.Count));
    }

    private async Task ReadAsync(CommentTurn asked)
    {
        problem = await PageAction.RunAsync(
            async () => part = await ratings.ReadAllAsync(asked),
            broken => LogFailed(log, broken), Texts.Help_RatingsNotRead, refused: Texts.Help_RatingsRefused);
        // Ratings that were read as an administrator are not kept: the person may no longer be one.
        if (problem is not null) part = null;
        StateHasChanged();
    }

    private void OnBrowserTimeChanged() => _ = InvokeAsync(StateHasChanged);

    private string Percent(int count) => (100.0 * count / part!.Counts.Max()).ToString("0.#", CultureInfo.InvariantCulture);

    private static string Words(int stars) => stars == 1 ? Texts.Help_Star : Phrase.Of(Texts.Help_Stars, stars);

    [LoggerMessage(LogLevel.Error, "The ratings of the help article could not be read")]
    private static partial void LogFailed(ILogger log, Exception broken);
}
