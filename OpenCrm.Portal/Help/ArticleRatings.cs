using Microsoft.EntityFrameworkCore;
using OpenCrm.Portal.Accounts;
using OpenCrm.Portal.Audit;
using OpenCrm.Portal.Data;
using OpenCrm.Portal.Sessions;

namespace OpenCrm.Portal.Help;

/// <summary>
/// Ratings of the help article: stars and a comment (docs/spec.md 10.1). People read and change their own; only system administrators read all.
/// </summary>
public sealed class ArticleRatings(UnitsOfWork units, CurrentCaller currentCaller)
{
    public const int PageSize = 10;

    /// <summary>
    /// Changes of one person's rating within an hour: enough for somebody who reconsiders, too few for a script that fills the audit trail.
    /// </summary>
    public const int MostChanges = 20;

    private static readonly TimeSpan ChangesWindow = TimeSpan.FromHours(1);

    /// <summary>Reads the settings that the article mentions. Anybody may read them: the sign-in pages show the same numbers.</summary>
    public async Task<ArticleNumbers> ReadNumbersAsync(CancellationToken cancel = default)
    {
        await using var work = await units.ReadAsync(cancel);
        var settings = await work.ReadSettingsAsync<SecuritySettings>(cancel);
        return new(settings.AttemptsBeforeLock, settings.LockMinutes, settings.LostDeviceLinkMinutes, settings.LostDeviceWaitHours);
    }

    /// <summary>Reads the caller's own rating; null if there is none yet.</summary>
    /// <exception cref="AccessRefusedException">Nobody is signed in.</exception>
    public async Task<OwnRating?> ReadOwnAsync(CancellationToken cancel = default)
    {
        await using var work = await units.ReadAsync(cancel);
        var person = await currentCaller.RequirePersonEvenOverdueAsync(work, cancel);
        return await work.Query<HelpRating>().Where(r => r.UserId == person.UserId)
            .Select(r => new OwnRating(r.Stars, r.Comment, r.At)).SingleOrDefaultAsync(cancel);
    }

    /// <summary>Stores the caller's rating in place of an earlier one.</summary>
    /// <exception cref="AccessRefusedException">Nobody is signed in.</exception>
    public async Task<RatingOutcome> RateAsync(int stars, string? comment, CancellationToken cancel = default)
    {
        await using var work = await units.BeginAsync(cancel);
        var person = await currentCaller.RequirePersonEvenOverdueAsync(work, cancel);
        if (stars is < HelpRating.FewestStars or > HelpRating.MostStars) return new RatingOutcome.NoStars();
        var text = "";
        switch (Feedback.Read(comment))
        {
            case FeedbackReading.TooLong tooLong:
                return new RatingOutcome.TooLong(tooLong.Characters);
            case FeedbackReading.Unacceptable at:
                return new RatingOutcome.Unacceptable(at.Line, at.Column);
            case FeedbackReading.Fine fine:
                text = fine.Text;
                break;
        }
        if (!await work.Addresses.ReserveAsync($"help-rating {person.UserId:N}", MostChanges, ChangesWindow, work.Now, cancel))
            return new RatingOutcome.TooOften();
        // One statement, so that two tabs of one person make one rating. An unchanged rating is not written, and is no event.
        var changed = await work.ExecuteAsync(
            $"""
            INSERT INTO "HelpRatings" ("UserId", "Stars", "Comment", "At") VALUES ({person.UserId}, {stars}, {text}, {work.Now})
            ON CONFLICT ("UserId") DO UPDATE SET "Stars" = excluded."Stars", "Comment" = excluded."Comment", "At" = excluded."At"
            WHERE "HelpRatings"."Stars" <> excluded."Stars" OR "HelpRatings"."Comment" <> excluded."Comment"
            """, cancel) == 1;
        if (changed) work.Record(new AuditEvent.ArticleRated(person.UserId, stars), person);
        var now = await work.Query<HelpRating>().Where(r => r.UserId == person.UserId)
            .Select(r => new OwnRating(r.Stars, r.Comment, r.At)).SingleAsync(cancel);
        await work.CommitAsync(cancel);
        return new RatingOutcome.Stored(now);
    }

    /// <summary>Reads how often each number of stars was given, and a page of comments, newest first.</summary>
    /// <exception cref="AccessRefusedException">The caller is no system administrator.</exception>
    public async Task<RatingsPart> ReadAllAsync(CommentTurn turn, CancellationToken cancel = default)
    {
        await using var work = await units.ReadAsync(cancel);
        await currentCaller.RequireAdministratorAsync(work, cancel);
        var counts = new int[HelpRating.MostStars];
        var groups = await work.Query<HelpRating>().GroupBy(r => r.Stars).Select(g => new { Stars = g.Key, Count = g.Count() }).ToListAsync(cancel);
        foreach (var group in groups)
            counts[group.Stars - 1] = group.Count;

        var found = await TakeAsync(work, turn, cancel);
        if (turn is CommentTurn.NewerThan && found.Count <= PageSize)
        {
            // There is at most one page of newer comments. It is read again from the newest one, so that it is full.
            turn = new CommentTurn.Newest();
            found = await TakeAsync(work, turn, cancel);
        }
        var back = turn is CommentTurn.NewerThan;
        var more = found.Count > PageSize;
        if (more) found.RemoveAt(PageSize);
        if (back) found.Reverse();
        var (newer, older) = (back ? more : turn is CommentTurn.OlderThan, back || more);
        return new(counts, found, newer && found.Count > 0 ? found[0].Cursor : null, older && found.Count > 0 ? found[^1].Cursor : null);
    }

    /// <summary>Takes one row more than a page holds. That shows whether there is another page, without counting.</summary>
    private static Task<List<RatingComment>> TakeAsync(UnitOfWork work, CommentTurn turn, CancellationToken cancel)
    {
        var comments = work.Query<HelpRating>().Where(r => r.Comment != "");
        comments = turn switch
        {
            // An index can start from the bound on the time alone. Among comments of the same moment the user's id decides.
            CommentTurn.OlderThan { Cursor: var (at, id) } => comments.Where(r => r.At <= at && (r.At < at || r.UserId.CompareTo(id) < 0)),
            CommentTurn.NewerThan { Cursor: var (at, id) } => comments.Where(r => r.At >= at && (r.At > at || r.UserId.CompareTo(id) > 0)),
            _ => comments,
        };
        comments = turn is CommentTurn.NewerThan
            ? comments.OrderBy(r => r.At).ThenBy(r => r.UserId)
            : comments.OrderByDescending(r => r.At).ThenByDescending(r => r.UserId);
        return comments.Take(PageSize + 1)
            .Select(r => new RatingComment(
                r.UserId, work.Query<PortalUser>().Where(u => u.Id == r.UserId).Select(u => u.Name).First(),
                r.Stars, r.Comment, r.At))
            .ToListAsync(cancel);
    }
}
