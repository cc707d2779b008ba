namespace OpenCrm.Portal.Controls;

/// <summary>One field while it is edited: what is stored, what stands in the field, and what somebody else made of it meanwhile.</summary>
public abstract class EditedField
{
    /// <summary>What is typed differs from what is stored.</summary>
    public abstract bool IsChanged { get; }

    /// <summary>Somebody else changed the field while it was open here, and that has not been settled by a save or by taking their value.</summary>
    public abstract bool IsContested { get; }

    /// <summary>Back to what is stored.</summary>
    public abstract void Discard();
}

/// <inheritdoc />
public sealed class EditedField<T>(T stored, IEqualityComparer<T>? same = null) : Draft where T : notnull
{
    private readonly IEqualityComparer<T> same = same ?? EqualityComparer<T>.Default;
    private bool moved;

    public T Stored { get; private set; } = stored;

    public T Typed { get; set; } = stored;

    /// <summary>What was stored when the field was opened; the same as <see cref="Stored"/> unless somebody else saved.</summary>
    public T Before { get; private set; } = stored;

    public override bool IsChanged => !same.Equals(Typed, Stored);

    public override bool IsContested => moved;

    public override void Discard()
    {
        Typed = Before = Stored;
        moved = false;
    }

    /// <summary>Takes a block that was saved here: nothing is open any more.</summary>
    public void Reset(T now)
    {
        Stored = now;
        Discard();
    }

    /// <summary>Takes what somebody else saved. What was typed here stays; a field that was not touched follows them.</summary>
    public void Rebase(T theirs)
    {
        var touched = IsChanged;
        moved = !same.Equals(theirs, Stored) && !(touched && same.Equals(theirs, Typed));
        (Before, Stored) = (Stored, theirs);
        if (!touched) Typed = theirs;
    }
}
