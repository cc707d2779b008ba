using System.Linq.Expressions;
using System.Reflection;
using OpenCrm.Portal.Accounts;

namespace OpenCrm.Portal.Configuration;

/// <summary>
/// One setting of a block, described in one place: its field, what it accepts, how it is stored and audited, and what is shown when two people save
/// at the same time. While it is edited it is text, whatever its stored type: that is how a form holds it and how the audit trail writes it.
/// </summary>
/// <param name="name">The name of its property, which the audit trail uses too.</param>
/// <param name="label">The field's label in the current language.</param>
public abstract class Setting<TBlock>(string name, Func<string> label) where TBlock : class, ISettingsBlock
{
    /// <summary>The name of its property, which the audit trail uses too.</summary>
    public string Name { get; } = name;

    /// <summary>The field's label.</summary>
    public string Label => label();

    /// <summary>The hint below the field; null if there is none.</summary>
    public Func<string>? Hint { get; init; }

    /// <summary>The group of fields that it belongs to; null if it is on its own.</summary>
    public SettingGroup? Group { get; init; }

    /// <summary>The values to choose from; null if the setting is typed or ticked.</summary>
    public virtual IReadOnlyList<Choice>? Choices => null;

    /// <summary>Compares two typed texts by what they mean: for numbers "5" and " 05" are equal.</summary>
    public virtual IEqualityComparer<string> Same => StringComparer.Ordinal;

    /// <summary>The stored value as its field shows it.</summary>
    public abstract string Text(TBlock block);

    /// <summary>The stored value as the audit trail shows it.</summary>
    public virtual string Audited(TBlock block) => Text(block);

    /// <summary>Whether the typed text may be saved.</summary>
    public abstract bool Accepts(string typed, TBlock stored);

    /// <summary>The error at the field for a typed text that is not accepted.</summary>
    public abstract string Refusal(string typed);

    /// <summary>Writes an accepted text into the block.</summary>
    public abstract void Put(TBlock block, string typed);

    /// <summary>The value as it appears in a sentence.</summary>
    public virtual string Words(string text) => text;
}

/// <summary>A setting that is stored in one property of its block.</summary>
public abstract class Setting<TBlock, TValue> : Setting<TBlock> where TBlock : class, ISettingsBlock
{
    private readonly Func<TBlock, TValue> _read;
    private readonly Action<TBlock, TValue> _write;

    protected Setting(Expression<Func<TBlock, TValue>> property, Func<string> label) : base(PropertyOf(property).Name, label)
    {
        var stored = PropertyOf(property);
        (_read, _write) = (stored.GetMethod!.CreateDelegate<Func<TBlock, TValue>>(), stored.SetMethod!.CreateDelegate<Action<TBlock, TValue>>());
    }

    public sealed override string Text(TBlock block) => Text(_read(block));

    public sealed override void Put(TBlock block, string typed) => _write(block, Value(typed));

    protected abstract string Text(TValue value);

    /// <summary>Converts an accepted text to the stored value.</summary>
    protected abstract TValue Value(string typed);

    private static PropertyInfo PropertyOf(Expression<Func<TBlock, TValue>> property) => (PropertyInfo)((MemberExpression)property.Body).Member;
}

/// <summary>One value of a setting that is chosen.</summary>
/// <param name="Name">Its name in the current language.</param>
public sealed record Choice(string Value, string Name);

/// <summary>A group of fields under a title.</summary>
/// <param name="Id">The id of the title's element.</param>
public sealed record SettingGroup(string Id, Func<string> Title);
