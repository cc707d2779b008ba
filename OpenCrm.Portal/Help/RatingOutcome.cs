namespace OpenCrm.Portal.Help;

/// <summary>How sending a rating ended.</summary>
public abstract record RatingOutcome
{
    private RatingOutcome() { }

    /// <param name="Now">The person's rating as it is stored now.</param>
    public sealed record Stored(OwnRating Now) : RatingOutcome;

    /// <summary>Nothing was stored: no stars were chosen, or their number is out of range.</summary>
    public sealed record NoStars : RatingOutcome;

    /// <summary>Nothing was stored: the comment is too long. It is not cut.</summary>
    /// <param name="Characters">The comment's length in characters.</param>
    public sealed record TooLong(int Characters) : RatingOutcome;

    /// <summary>Nothing was stored: the comment holds a character that cannot be stored. Line and column count from 1.</summary>
    public sealed record Unacceptable(int Line, int Column) : RatingOutcome;

    /// <summary>Nothing was stored: the person has already changed the rating as often as one hour allows.</summary>
    public sealed record TooOften : RatingOutcome;
}

/// <summary>The caller's own rating.</summary>
public sealed record OwnRating(int Stars, string Comment, DateTimeOffset At);

/// <summary>All ratings together, and a page of comments; for system administrators.</summary>
/// <param name="Counts">How many people gave 1, 2, … stars.</param>
/// <param name="Newer">The first comment of this page, from which to turn to newer ones; null if there are none.</param>
/// <param name="Older">The last comment of this page, from which to turn to older ones; null if there are none.</param>
public sealed record RatingsPart(IReadOnlyList<int> Counts, IReadOnlyList<RatingComment> Comments, CommentCursor? Newer, CommentCursor? Older)
{
    public int Count => Counts.Sum();

    public double Average => Count == 0 ? 0 : Counts.Select((count, i) => (i + 1.0) * count).Sum() / Count;
}

/// <summary>A comment with its stars and its author, under the author's current name.</summary>
public sealed record RatingComment(Guid UserId, string Name, int Stars, string Comment, DateTimeOffset At)
{
    public CommentCursor Cursor => new(At, UserId);
}

/// <summary>The position of a comment in the list, which is ordered by time.</summary>
public sealed record CommentCursor(DateTimeOffset At, Guid UserId);

/// <summary>Which page of comments to read.</summary>
public abstract record CommentTurn
{
    private CommentTurn() { }

    public sealed record Newest : CommentTurn;

    public sealed record OlderThan(CommentCursor Cursor) : CommentTurn;

    public sealed record NewerThan(CommentCursor Cursor) : CommentTurn;
}

/// <summary>The current settings that the article mentions.</summary>
/// <param name="LockMinutes">0 means until an administrator unlocks the account.</param>
public sealed record ArticleNumbers(int AttemptsBeforeLock, int LockMinutes, int LostDeviceLinkMinutes, int LostDeviceWaitHours = 0);
