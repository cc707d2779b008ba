using System.Globalization;
using Microsoft.AspNetCore.Components;
using OpenCrm.Portal.Controls;
using OpenCrm.Portal.Sessions;

namespace OpenCrm.Portal.Help;

/// <summary>The region "Ratings". The service alone decides who may read them; hiding this component protects nothing.</summary>
public sealed partial class RatingsPanel : IDisposable
{
    private RatingsPart? part;
    private string? problem;
    private ElementReference commentsHeading;
    private bool turned;

    [Inject] private ArticleRatings Ratings { get; set; } = null!;

    [Inject] private Announcer Announcer { get; set; } = null!;

    [Inject] private BrowserTime Browser { get; set; } = null!;

    [Inject] private ILogger<RatingsPanel> Log { get; set; } = null!;

    public void Dispose() => Browser.Changed -= OnBrowserTimeChanged;

    /// <summary>Reads the ratings again, from the newest comment on.</summary>
    public Task ReloadAsync() => ReadAsync(new CommentTurn.Newest());

    protected override async Task OnInitializedAsync()
    {
        Browser.Changed += OnBrowserTimeChanged;
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
        Announcer.Say(Phrase.Of(Texts.Help_CommentsShown, part!.Comments.Count));
    }

    private async Task ReadAsync(CommentTurn asked)
    {
        problem = await PageAction.RunAsync(
            async () => part = await Ratings.ReadAllAsync(asked),
            broken => LogFailed(Log, broken), Texts.Help_RatingsNotRead, refused: Texts.Help_RatingsRefused);
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
