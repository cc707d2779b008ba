using System.Globalization;
using OpenCrm.Portal.Mail;

namespace OpenCrm.Portal.EmailTemplates;

/// <summary>How an action on a template ended.</summary>
public abstract record TemplateOutcome
{
    private TemplateOutcome() { }

    /// <param name="Now">The template as it is stored now.</param>
    public sealed record Saved(StoredTemplate Now) : TemplateOutcome;

    /// <summary>Nothing was done, because of these faults.</summary>
    public sealed record Invalid(IReadOnlyList<TemplateFault> Faults) : TemplateOutcome;

    /// <summary>Nothing was saved, because somebody else has saved since the template was read.</summary>
    /// <param name="Theirs">The template as it is stored now.</param>
    public sealed record SavedMeanwhile(StoredTemplate Theirs) : TemplateOutcome;

    /// <summary>Nothing was saved: mails of this template hold a live link, and the caller's last step-up is too old (docs/spec.md 3.5).</summary>
    public sealed record StepUpNeeded : TemplateOutcome;

    /// <summary>A test mail to the caller was queued.</summary>
    public sealed record TestQueued(string Address) : TemplateOutcome;
}

/// <summary>A template in one language as it is now: edited, or the default.</summary>
/// <param name="Version">The version that the next save goes on top of; 0 if the template was never saved.</param>
/// <param name="IsDefault">Whether nothing is stored, so that the text is the one that comes with the portal.</param>
/// <param name="Last">The last change: who, what and when; null if there was none.</param>
/// <param name="Failure">When and why a mail with this text failed, so that the default was sent instead; null if none has failed since the last
/// save.</param>
public sealed record StoredTemplate(
    TemplateDefinition Template, CultureInfo Language, TemplateText Text, int Version, bool IsDefault, VersionNote? Last, FailureNote? Failure)
{
    /// <summary>
    /// Set by the list for a subject with conditions: the subject of a mail with sample values. Null if the subject can be read as it is written, or
    /// cannot be rendered.
    /// </summary>
    public string? SubjectExample { get; init; }
}

/// <summary>One line of a template's history.</summary>
public sealed record VersionNote(int Version, TemplateChange Change, TemplateParts Parts, DateTimeOffset SavedAt, string SavedBy);

public sealed record FailureNote(DateTimeOffset At, string Why);

/// <summary>The preview of a text: the mail, or why there is none.</summary>
public abstract record TemplatePreview
{
    private TemplatePreview(IReadOnlyList<TemplateFault> found) => Found = found;

    /// <summary>Everything for which a save would be refused.</summary>
    public IReadOnlyList<TemplateFault> Found { get; }

    /// <param name="Faults">What is wrong although the mail can be looked at.</param>
    public sealed record Shown(MailRecipient To, RenderedMail Mail, IReadOnlyList<TemplateFault> Faults) : TemplatePreview(Faults);

    public sealed record Failed(IReadOnlyList<TemplateFault> Faults) : TemplatePreview(Faults);
}
