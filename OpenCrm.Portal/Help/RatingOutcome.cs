namespace OpenCrm.Portal.Help;

/// <summary>How sending a rating ended.</summary>
public abstract record RatingOutcome
{
    private RatingOutcome() { }

    /// <param name="Now">The person's rating as it is stored now.</param>
    public sealed record Stored(OwnRating Now) : RatingOutcome;

    /// <summary>Nothing was stored: no stars were chosen, or there are no so many.</summary>
    public sealed record NoStars : RatingOutcome;

    /// <summary>Nothing was stored, and nothing is cut.</summary>
    /// <param name="Characters">How long the comment is.</param>
    public sealed record TooLong(int Characters) : RatingOutcome;

    /// <summary>Nothing was stored: a character of the comment is none that can be kept. Line and column are counted from 1.</summary>
    public sealed record Unacceptable(int Line, int Column) : RatingOutcome;

    /// <summary>Nothing was stored: the person changed the rating as often as an hour allows.</summary>
    public sealed record TooOften : RatingOutcome;
}

/// <summary>The rating of whoever asks.</summary>
public sealed record OwnRating(int Stars, string Comment, DateTimeOffset At);

/// <summary>What the ratings say together, and a page of comments; for system administrators.</summary>
/// <param name="Counts">How many gave 1, 2, … stars.</param>
/// <param name="Newer">Null where there is nothing to turn to.</param>
/// <param name="Older">Null where there is nothing to turn to.</param>
public sealed record RatingsPart(IReadOnlyList<int> Counts, IReadOnlyList<RatingComment> Comments, CommentCursor? Newer, CommentCursor? Older)
{
    public int Count => Counts.Sum();

    public double Average => Count == 0 ? 0 : Counts.Select((count, i) => (i + 1.0) * count).Sum() / Count;
}

/// <summary>A comment with its stars, and by whom: the name as it is today.</summary>
public sealed record RatingComment(Guid UserId, string Name, int Stars, string Comment, DateTimeOffset At)
{
    public CommentCursor Cursor => new(At, UserId);
}

/// <summary>The place of a comment in time.</summary>
public sealed record CommentCursor(DateTimeOffset At, Guid UserId);

/// <summary>Where a page of comments begins.</summary>
public abstract record CommentTurn
{
    private CommentTurn() { }

    public sealed record Newest : CommentTurn;

    public sealed record OlderThan(CommentCursor Cursor) : CommentTurn;

    public sealed record NewerThan(CommentCursor Cursor) : CommentTurn;
}

/// <summary>What the article says in numbers, as they are set now.</summary>
/// <param name="LockMinutes">0 = until unlocked.</param>
public sealed record ArticleNumbers(int AttemptsBeforeLock, int LockMinutes, int LostDeviceLinkMinutes);
