using OpenCrm.Portal.Mail;

namespace OpenCrm.Portal.EmailTemplates;

/// <summary>How an action on a template ended.</summary>
public abstract record TemplateOutcome
{
    private TemplateOutcome() { }

    /// <param name="Now">The template as it is stored now.</param>
    public sealed record Saved(StoredTemplate Now) : TemplateOutcome;

    /// <summary>Nothing was done: this stands against it.</summary>
    public sealed record Invalid(IReadOnlyList<TemplateFault> Faults) : TemplateOutcome;

    /// <summary>Nothing was saved: somebody else did since the template was read.</summary>
    /// <param name="Theirs">The template as it is stored now.</param>
    public sealed record SavedMeanwhile(StoredTemplate Theirs) : TemplateOutcome;

    /// <summary>Nothing was saved: the template holds a live link, and the last proof is too old (spec 3.5).</summary>
    public sealed record StepUpNeeded : TemplateOutcome;

    /// <summary>A test is on its way to whoever asked.</summary>
    public sealed record TestQueued(string Address) : TemplateOutcome;
}

/// <summary>A template as it stands: edited, or the default.</summary>
/// <param name="Version">What the next save goes on top of; 0 if it was never saved.</param>
/// <param name="IsDefault">Nothing is stored; the text is what comes with the portal.</param>
/// <param name="Last">Who changed what when; null if nobody ever did.</param>
/// <param name="Failure">Why the default was sent instead (spec 6.3); null since it was last saved.</param>
public sealed record StoredTemplate(TemplateDefinition Template, TemplateText Text, int Version, bool IsDefault, VersionNote? Last, FailureNote? Failure)
{
    /// <summary>In the list, of a subject with conditions: what a mail with sample values has there. Null: the subject reads as it is written.</summary>
    public string? SubjectExample { get; init; }
}

/// <summary>One line of a template's history.</summary>
public sealed record VersionNote(int Version, TemplateChange Change, TemplateParts Parts, DateTimeOffset SavedAt, string SavedBy);

public sealed record FailureNote(DateTimeOffset At, string Why);

/// <summary>What a mail of the text would be, or why there is none.</summary>
public abstract record TemplatePreview
{
    private TemplatePreview() { }

    public sealed record Shown(MailRecipient To, RenderedMail Mail) : TemplatePreview;

    public sealed record Failed(IReadOnlyList<TemplateFault> Faults) : TemplatePreview;
}
