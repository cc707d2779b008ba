namespace OpenCrm.Portal.Controls;

/// <summary>One field while it is edited: what is stored, what is typed, and what somebody else has saved meanwhile.</summary>
public abstract class EditedField
{
    /// <summary>Whether what is typed differs from what is stored.</summary>
    public abstract bool IsChanged { get; }

    /// <summary>Whether somebody else changed the field while it was open here, and no save has settled that, nor was their value taken.</summary>
    public abstract bool IsContested { get; }

    /// <summary>Goes back to what is stored.</summary>
    public abstract void Discard();
}

/// <inheritdoc />
public sealed class EditedField<T>(T stored, IEqualityComparer<T>? same = null) : EditedField
{
    private readonly IEqualityComparer<T> _same = same ?? EqualityComparer<T>.Default;
    private bool _moved;

    public T Stored { get; private set; } = stored;

    public T Typed { get; set; } = stored;

    /// <summary>What was stored before somebody else saved; the same as <see cref="Stored"/> if nobody did.</summary>
    public T Before { get; private set; } = stored;

    public override bool IsChanged => !_same.Equals(Typed, Stored);

    public override bool IsContested => _moved;

    public override void Discard()
    {
        Typed = Before = Stored;
        _moved = false;
    }

    /// <summary>Takes over a value that was saved here, and ends any conflict.</summary>
    public void Reset(T now)
    {
        Stored = now;
        Discard();
    }

    /// <summary>Takes over what somebody else saved. What was typed here stays; an untouched field takes their value.</summary>
    public void Rebase(T theirs)
    {
        var touched = IsChanged;
        _moved = !_same.Equals(theirs, Stored) && !(touched && _same.Equals(theirs, Typed));
        (Before, Stored) = (Stored, theirs);
        if (!touched) Typed = theirs;
    }
}
