using Microsoft.AspNetCore.Components;
using OpenCrm.Portal.Controls;
using OpenCrm.Portal.Sessions;

namespace OpenCrm.Portal.Help;

/// <summary>Rates the article. The typed text stays until it is stored, whatever goes wrong.</summary>
public sealed partial class RatingForm(ArticleRatings ratings, Announcer announcer, BrowserTime browser, ILogger<RatingForm> log)
{
    /// <summary>The most characters that are received. More than a comment may hold, so that a longer one is reported and not cut.</summary>
    private const int MostReceived = 100_000;

    private readonly ElementReference[] inputs = new ElementReference[HelpRating.MostStars];
    private ElementReference field;
    private OwnRating? own;
    private string comment = "";
    private string? unread, problem, commentProblem;
    private int stars;
    private bool loaded, starsMissing, refused;

    private bool HasChanges => stars != (own?.Stars ?? 0) || comment.Trim() != (own?.Comment ?? "");

    protected override async Task OnInitializedAsync()
    {
        // The prerendered page is discarded at once, and the interactive one reads the same again.
        if (RendererInfo.IsInteractive) await LoadAsync();
    }

    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (!refused) return;
        refused = false;
        if (starsMissing) await inputs[Math.Max(stars, 1) - 1].MoveToAsync();
        else if (commentProblem is not null) await field.MoveToAsync();
    }

    private async Task LoadAsync()
    {
        unread = await PageAction.RunAsync(
            async () =>
            {
                own = await ratings.ReadOwnAsync();
                (stars, comment, loaded) = (own?.Stars ?? 0, own?.Comment ?? "", true);
            },
            broken => LogFailed(log, broken), Texts.Help_NotRead);
    }

    private async Task SendAsync()
    {
        (problem, commentProblem, starsMissing) = (null, null, false);
        problem = await PageAction.RunAsync(
            async () => await ShowAsync(await ratings.RateAsync(stars, comment)),
            broken => LogFailed(log, broken), Texts.Help_NotStored) ?? problem;
    }

    private async Task ShowAsync(RatingOutcome outcome)
    {
        refused = outcome is not RatingOutcome.Stored;
        switch (outcome)
        {
            case RatingOutcome.Stored stored:
                own = stored.Now;
                announcer.Announce(Texts.Help_Stored);
                await OnStored.InvokeAsync();
                break;
            case RatingOutcome.NoStars:
                starsMissing = true;
                break;
            case RatingOutcome.TooLong tooLong:
                commentProblem = Phrase.Of(Texts.Help_TooLong, Number(tooLong.Characters), Number(Feedback.MostCharacters));
                break;
            case RatingOutcome.Unacceptable at:
                commentProblem = Phrase.Of(Texts.Help_Unacceptable, at.Line, at.Column);
                break;
            case RatingOutcome.TooOften:
                problem = Phrase.Of(Texts.Help_TooOften, ArticleRatings.MostChanges);
                break;
        }
    }

    private void Choose(int value) => (stars, starsMissing) = (value, false);

    // When a form becomes interactive, it reads the values back from the page. Mostly they are the ones that it wrote.
    private void Write(string? typed) => comment = (typed ?? "").ReplaceLineEndings("\n");

    private string Number(int count) => count.ToString("N0", browser.Culture);

    private static string Words(int stars) => stars == 1 ? Texts.Help_Star : Phrase.Of(Texts.Help_Stars, stars);

    [LoggerMessage(LogLevel.Error, "The rating of the help article could not be read or stored")]
    private static partial void LogFailed(ILogger log, Exception broken);
}
