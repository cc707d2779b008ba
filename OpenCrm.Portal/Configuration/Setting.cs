using System.Linq.Expressions;
using System.Reflection;
using OpenCrm.Portal.Accounts;

namespace OpenCrm.Portal.Configuration;

/// <summary>
/// One setting of a block, described once: its field, what it accepts, how it is stored and audited, and what is shown when two people save at a time all follow from here.
/// While it is edited it is text, whatever it is stored as: so stands it in a form, and so is it written into the audit trail.
/// </summary>
/// <param name="name">Its property, by which the audit trail knows it.</param>
/// <param name="label">What its field is called, in the language of whoever looks.</param>
public abstract class Setting<TBlock>(string name, Func<string> label) where TBlock : class, ISettingsBlock
{
    /// <summary>Its property, by which the audit trail knows it.</summary>
    public string Name { get; } = name;

    /// <summary>What its field is called.</summary>
    public string Label => label();

    /// <summary>What stands below the field; null = nothing.</summary>
    public Func<string>? Hint { get; init; }

    /// <summary>The group of fields in which it stands; null = on its own.</summary>
    public SettingGroup? Group { get; init; }

    /// <summary>Which texts mean the same: "5" and " 05" are one number.</summary>
    public virtual IEqualityComparer<string> Same => StringComparer.Ordinal;

    /// <summary>The stored value, as its field shows it.</summary>
    public abstract string Text(TBlock block);

    /// <summary>The stored value, as the audit trail tells it.</summary>
    public virtual string Audited(TBlock block) => Text(block);

    /// <summary>Whether what is typed may be saved.</summary>
    public abstract bool Accepts(string typed, TBlock stored);

    /// <summary>What a person reads at the field when what is typed is not accepted.</summary>
    public abstract string Refusal(string typed);

    /// <summary>Puts what is typed, and accepted, into the block.</summary>
    public abstract void Put(TBlock block, string typed);

    /// <summary>A value in the words of a sentence.</summary>
    public virtual string Words(string text) => text;
}

/// <summary>A setting that is stored in one property.</summary>
public abstract class Setting<TBlock, TValue> : Setting<TBlock> where TBlock : class, ISettingsBlock
{
    private readonly Func<TBlock, TValue> read;
    private readonly Action<TBlock, TValue> write;

    protected Setting(Expression<Func<TBlock, TValue>> property, Func<string> label) : base(PropertyOf(property).Name, label)
    {
        var stored = PropertyOf(property);
        (read, write) = (stored.GetMethod!.CreateDelegate<Func<TBlock, TValue>>(), stored.SetMethod!.CreateDelegate<Action<TBlock, TValue>>());
    }

    public sealed override string Text(TBlock block) => Text(read(block));

    public sealed override void Put(TBlock block, string typed) => write(block, Value(typed));

    protected abstract string Text(TValue value);

    /// <summary>What is typed, and accepted, as it is stored.</summary>
    protected abstract TValue Value(string typed);

    private static PropertyInfo PropertyOf(Expression<Func<TBlock, TValue>> property) => (PropertyInfo)((MemberExpression)property.Body).Member;
}

/// <summary>Fields that belong together, under a title.</summary>
/// <param name="Id">Of the title's element.</param>
public sealed record SettingGroup(string Id, Func<string> Title);
