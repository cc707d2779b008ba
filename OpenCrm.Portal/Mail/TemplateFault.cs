namespace OpenCrm.Portal.Mail;

/// <summary>Why a template is refused (docs/spec.md 6.2): a closed set. A fault names its place where that is known.</summary>
public abstract record TemplateFault
{
    private TemplateFault(TemplateParts part, TextPlace? at) => (Part, At) = (part, at);

    /// <summary>The part that holds the fault; always a single one.</summary>
    public TemplateParts Part { get; }

    public TextPlace? At { get; }

    public sealed record Empty(TemplateParts In) : TemplateFault(In, null);

    public sealed record TooLong(TemplateParts In, int Length, int Most) : TemplateFault(In, null);

    /// <summary>A control character, half a surrogate pair, or a line break in the subject.</summary>
    public sealed record Unprintable(TemplateParts In, TextPlace Place) : TemplateFault(In, Place);

    /// <param name="Why">The parser's message.</param>
    public sealed record Syntax(TemplateParts In, string Why, TextPlace? Place) : TemplateFault(In, Place);

    public sealed record UnknownField(TemplateParts In, string Name, TextPlace? Place) : TemplateFault(In, Place);

    public sealed record UnknownFilter(TemplateParts In, string Name, TextPlace? Place) : TemplateFault(In, Place);

    /// <summary>A field without which the mail is useless is missing, perhaps only for some values of the others.</summary>
    public sealed record RequiredMissing(TemplateParts In, string Name) : TemplateFault(In, null);

    /// <summary>
    /// A live link in the subject. Subjects appear in lists, notifications and logs of mail servers, and anybody who has the link can act.
    /// </summary>
    public sealed record SecretInSubject(string Name, TextPlace? Place) : TemplateFault(TemplateParts.Subject, Place);

    /// <summary>HTML that would run, load or submit something, or lets a value become such a thing.</summary>
    /// <param name="What">The tag or attribute as it is written.</param>
    public sealed record ActiveContent(string What, TextPlace? Place) : TemplateFault(TemplateParts.Html, Place);

    /// <summary>A live link at a place where it could reach somebody else, or in a form in which it does not work.</summary>
    public sealed record LinkMisplaced(TemplateParts In, string Name, TextPlace? Place) : TemplateFault(In, Place);

    /// <summary>Something that a mail program loads from elsewhere when the mail is opened, with a value in its address.</summary>
    /// <param name="What">The tag and attribute.</param>
    public sealed record FieldInImage(string What, TextPlace? Place) : TemplateFault(TemplateParts.Html, Place);

    /// <summary>HTML that is nested too deep, so that building the mail could take long or end the process.</summary>
    public sealed record TooDeep(int Most, TextPlace? Place) : TemplateFault(TemplateParts.Html, Place);

    /// <summary>HTML of too many elements, counted with those that a mail program opens again by itself.</summary>
    public sealed record TooManyElements(int Most, TextPlace? Place) : TemplateFault(TemplateParts.Html, Place);

    /// <summary>The template parses, but cannot be rendered with sample values.</summary>
    public sealed record Fails(TemplateParts In, string Why) : TemplateFault(In, null);
}
