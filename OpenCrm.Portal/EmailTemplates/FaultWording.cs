using OpenCrm.Portal.Controls;
using OpenCrm.Portal.Mail;

namespace OpenCrm.Portal.EmailTemplates;

/// <summary>Describes the faults of a template in words.</summary>
internal static class FaultWording
{
    public static string Of(TemplateFault fault) => fault switch
    {
        TemplateFault.Empty => Texts.EmailTemplates_Empty,
        TemplateFault.TooLong long_ => Phrase.Of(Texts.EmailTemplates_TooLong, long_.Length, long_.Most),
        TemplateFault.Unprintable => Texts.EmailTemplates_Unprintable,
        TemplateFault.Syntax syntax => Phrase.Of(Texts.EmailTemplates_Syntax, syntax.Why.TrimEnd('.')),
        TemplateFault.UnknownField unknown => Phrase.Of(Texts.EmailTemplates_UnknownField, unknown.Name),
        TemplateFault.UnknownFilter unknown => Phrase.Of(Texts.EmailTemplates_UnknownFilter, unknown.Name),
        TemplateFault.RequiredMissing missing => Phrase.Of(Texts.EmailTemplates_RequiredMissing, missing.Name),
        TemplateFault.SecretInSubject secret => Phrase.Of(Texts.EmailTemplates_SecretInSubject, secret.Name),
        TemplateFault.LinkMisplaced link => Phrase.Of(Texts.EmailTemplates_LinkMisplaced, link.Name),
        TemplateFault.FieldInImage image => Phrase.Of(Texts.EmailTemplates_FieldInImage, image.What),
        TemplateFault.ActiveContent active => Phrase.Of(Texts.EmailTemplates_ActiveContent, active.What),
        TemplateFault.TooDeep deep => Phrase.Of(Texts.EmailTemplates_TooDeep, deep.Most),
        TemplateFault.TooManyElements many => Phrase.Of(Texts.EmailTemplates_TooManyElements, many.Most),
        TemplateFault.Fails fails => Phrase.Of(Texts.EmailTemplates_Fails, fails.Why.TrimEnd('.')),
        _ => throw new ArgumentOutOfRangeException(nameof(fault)),
    };

    /// <summary>Says where a fault is, such as "Line 3, column 14"; null where the place is not known.</summary>
    public static string? Place(TemplateFault fault) => fault.At is { } at ? Phrase.Of(Texts.EmailTemplates_Place, at.Line, at.Column) : null;

    public static string Full(TemplateFault fault) => Place(fault) is { } place ? $"{place}: {Of(fault)}" : Of(fault);

    public static string Part(TemplateParts part) => part switch
    {
        TemplateParts.Subject => Texts.EmailTemplates_Subject,
        TemplateParts.Html => Texts.EmailTemplates_HtmlBody,
        TemplateParts.Text => Texts.EmailTemplates_TextBody,
        _ => throw new ArgumentOutOfRangeException(nameof(part)),
    };

    /// <summary>Describes what a version changed against the one before, such as "Changed: Subject, HTML body".</summary>
    public static string Change(VersionNote note) => note.Change switch
    {
        // A text that was the default already is still a version: from then on it follows the default.
        TemplateChange.Reset when note.Parts is TemplateParts.None => Texts.EmailTemplates_WasReset,
        TemplateChange.Reset => Phrase.Of(Texts.EmailTemplates_WasResetOf, Parts(note.Parts)),
        TemplateChange.Restored => Phrase.Of(Texts.EmailTemplates_WasRestored, Parts(note.Parts)),
        _ => Phrase.Of(Texts.EmailTemplates_WasChanged, Parts(note.Parts)),
    };

    private static string Parts(TemplateParts parts) =>
        string.Join(", ", new[] { TemplateParts.Subject, TemplateParts.Html, TemplateParts.Text }.Where(part => parts.HasFlag(part)).Select(Part));
}
