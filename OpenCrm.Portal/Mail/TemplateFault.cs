namespace OpenCrm.Portal.Mail;

/// <summary>Why a template is not taken (spec 6.2): a closed set. Where the place can be told, it is.</summary>
public abstract record TemplateFault
{
    private TemplateFault(TemplateParts part, TextPlace? at) => (Part, At) = (part, at);

    /// <summary>One of them.</summary>
    public TemplateParts Part { get; }

    public TextPlace? At { get; }

    public sealed record Empty(TemplateParts In) : TemplateFault(In, null);

    public sealed record TooLong(TemplateParts In, int Length, int Most) : TemplateFault(In, null);

    /// <summary>A control character, half a surrogate pair, or a line break in the subject.</summary>
    public sealed record Unprintable(TemplateParts In, TextPlace Place) : TemplateFault(In, Place);

    /// <param name="Why">The parser's words.</param>
    public sealed record Syntax(TemplateParts In, string Why, TextPlace? Place) : TemplateFault(In, Place);

    public sealed record UnknownField(TemplateParts In, string Name, TextPlace? Place) : TemplateFault(In, Place);

    public sealed record UnknownFilter(TemplateParts In, string Name, TextPlace? Place) : TemplateFault(In, Place);

    /// <summary>The mail would be of no use without this field, whatever the other fields hold.</summary>
    public sealed record RequiredMissing(TemplateParts In, string Name) : TemplateFault(In, null);

    /// <summary>Whoever has the link can act: subjects stand in lists, notifications and logs of mail servers.</summary>
    public sealed record SecretInSubject(string Name, TextPlace? Place) : TemplateFault(TemplateParts.Subject, Place);

    /// <summary>HTML that would run, load or submit something, or lets a value become such a thing.</summary>
    /// <param name="What">As it stands there: a tag, an attribute.</param>
    public sealed record ActiveContent(string What, TextPlace? Place) : TemplateFault(TemplateParts.Html, Place);

    /// <summary>A live link where it could leave the mail for somebody else, or in a shape in which it is none.</summary>
    public sealed record LinkMisplaced(TemplateParts In, string Name, TextPlace? Place) : TemplateFault(In, Place);

    /// <summary>Something that a mail program loads from elsewhere when the mail is opened, with a value in its address.</summary>
    /// <param name="What">As it stands there.</param>
    public sealed record FieldInImage(string What, TextPlace? Place) : TemplateFault(TemplateParts.Html, Place);

    /// <summary>It parses, and fails with sample values.</summary>
    public sealed record Fails(TemplateParts In, string Why) : TemplateFault(In, null);
}
