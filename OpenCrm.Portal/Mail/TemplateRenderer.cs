using System.Text.Encodings.Web;
using Fluid;
using Fluid.Values;

namespace OpenCrm.Portal.Mail;

/// <summary>
/// Turns a template and its values into a message. Values are data: they are escaped in HTML, kept to one line everywhere, and never read as Liquid
/// themselves.
/// </summary>
public sealed class TemplateRenderer
{
    /// <summary>In characters. Mail programs show fewer; without a limit a header of any length would be sent.</summary>
    private const int SubjectLength = 200;

    private readonly MailLiquid _liquid = new();
    private readonly TemplateCheck _check = new();

    /// <summary>Renders a mail within the portal's frame: the company at the top, and at the end the reason why the recipient gets it.</summary>
    /// <param name="values">The template's own fields; see <see cref="TemplateDefinition.OwnFields"/>.</param>
    /// <exception cref="TemplateFailedException">The text does not parse, names something that it may not use, or is too large.</exception>
    public RenderedMail Render(
        TemplateDefinition template, TemplateText text, IReadOnlyDictionary<string, string> values, string recipientName, MailFrame frame) =>
        Render(template, text, values, recipientName, frame, (_, _, _) => { });

    /// <summary>Renders the subject alone.</summary>
    /// <exception cref="TemplateFailedException">As in
    /// <see cref="Render(TemplateDefinition, TemplateText, IReadOnlyDictionary{string, string}, string, MailFrame)"/>.</exception>
    public string RenderSubject(
        TemplateDefinition template, TemplateText text, IReadOnlyDictionary<string, string> values, string recipientName, MailFrame frame) =>
        Subject(text, Fields(template, values, recipientName, frame));

    private RenderedMail Render(
        TemplateDefinition template, TemplateText text, IReadOnlyDictionary<string, string> values, string recipientName, MailFrame frame,
        Action<string, string, IReadOnlyDictionary<string, FluidValue>> judge)
    {
        var fields = Fields(template, values, recipientName, frame);
        var subject = Subject(text, fields);
        var reason = _liquid.Render(TemplateText.Read($"{template.Key}.reason", frame.Language), fields, NullEncoder.Default).TrimEnd();
        var footer = _liquid.Render(TemplateText.Read("frame.footer", frame.Language), fields, NullEncoder.Default).TrimEnd();
        var around = new Dictionary<string, FluidValue>(fields)
        {
            ["language"] = new StringValue(frame.Language.Name),
            ["subject"] = new StringValue(subject),
            ["reason"] = new StringValue(reason),
            ["footer"] = new StringValue(footer),
        };
        var picture = MailBrand.PictureOf(frame);
        foreach (var (name, value) in MailBrand.FieldsOf(frame, picture)) around[name] = value;
        var html = _liquid.Render(text.Html, fields, HtmlEncoder.Default);
        // Only a preview gets here with active HTML. Its frame shows it without rights; nothing else is made of it.
        var isInert = !ActiveHtml.Find(html, _ => true).Any();
        if (isInert && HtmlBounds.Find(html) is { } excess) throw new TemplateFailedException(excess.Why);
        var plain = text.Text is { Length: > 0 } written ? _liquid.Render(written, fields, NullEncoder.Default).TrimEnd()
            : isInert ? PlainText.Of(html)
            : "";
        judge(html, plain, fields);
        var framed = Framed("frame.html", html, around, HtmlEncoder.Default);
        return new(
            subject,
            isInert ? InlineStyles.Of(framed) : framed,
            Framed("frame.text", plain, around, NullEncoder.Default))
        { Picture = picture };
    }

    /// <summary>
    /// Renders a mail and never loses it (docs/spec.md 6.3): if the edited template fails, the default is used, and the reason is returned as well.
    /// </summary>
    internal (RenderedMail Mail, string? EditedFailed) RenderEdited(
        TemplateDefinition template, TemplateText? edited, IReadOnlyDictionary<string, string> values, string recipientName, MailFrame frame)
    {
        string? failure = null;
        if (edited is not null)
        {
            try
            {
                RefuseMisplaced(_check.CheckPlaces(template, edited).Any());
                return (Render(template, edited, values, recipientName, frame, (html, plain, fields) =>
                {
                    RefuseActive(html);
                    foreach (var secret in template.Secrets.Where(values.ContainsKey).Select(name => fields[name].ToStringValue()))
                        RefuseMisplaced(IsMisplaced(html, plain, secret));
                }), null);
            }
            catch (Exception failed)
            {
                // Whatever failed, the mail is sent.
                failure = failed is TemplateFailedException ? failed.Message : failed.GetType().Name;
            }
        }
        return (Render(template, TemplateText.Default(template, frame.Language), values, recipientName, frame), failure);
    }

    /// <summary>
    /// Refuses active HTML in the rendered mail. The check at Save uses sample values; a condition on a real value may show what no sample did.
    /// </summary>
    private static void RefuseActive(string html)
    {
        if (ActiveHtml.Find(html, _ => true).Select(found => found.What).FirstOrDefault() is { } what)
            throw new TemplateFailedException($"A mail may not hold {what}.");
    }

    private static void RefuseMisplaced(bool isMisplaced)
    {
        if (isMisplaced)
        {
            throw new TemplateFailedException("A link that works for one person may stand only as the whole address of a link, "
                + "or as text by itself; and no image may hold a field.");
        }
    }

    private static bool IsMisplaced(string html, string plain, string secret) =>
        SecretPlaces.MisplacedInHtml(html, SecretPlaces.Of(html, HtmlEncoder.Default.Encode(secret))).Any()
        || SecretPlaces.MisplacedInText(plain, SecretPlaces.Of(plain, secret)).Any();

    private string Framed(string name, string body, Dictionary<string, FluidValue> around, TextEncoder encoder) =>
        _liquid.Render(TemplateText.Read(name), new Dictionary<string, FluidValue>(around)
        {
            // Already escaped when it was rendered.
            ["body"] = StringValue.Create(body, encode: false),
            // The body at its longest, and the frame around it.
        }, encoder, longest: 2 * MailLiquid.RenderedLength);

    private static Dictionary<string, FluidValue> Fields(
        TemplateDefinition template, IReadOnlyDictionary<string, string> values, string recipientName, MailFrame frame)
    {
        var fields = new Dictionary<string, FluidValue>
        {
            [TemplateDefinition.CompanyName] = Value(frame.CompanyName),
            [TemplateDefinition.PortalUrl] = Value(frame.PublicUrl),
            [TemplateDefinition.PortalHost] = Value(frame.PublicHost),
            [TemplateDefinition.RecipientName] = Value(recipientName),
        };
        foreach (var field in template.OwnFields)
        {
            // Missing in a message that was queued before an update added the field.
            var value = values.GetValueOrDefault(field.Name, "");
            fields[field.Name] = Value(field.Kind == MergeFieldKind.Link ? frame.PublicUrl + value : value);
        }
        return fields;
    }

    private string Subject(TemplateText text, IReadOnlyDictionary<string, FluidValue> fields) =>
        SingleLine.Of(_liquid.Render(text.Subject, fields, NullEncoder.Default), SubjectLength);

    private static StringValue Value(string value) => new(SingleLine.Of(value));
}

/// <summary>A message as it is sent.</summary>
public sealed record RenderedMail(string Subject, string Html, string Text)
{
    /// <summary>The picture that the HTML shows, sent along; null for none.</summary>
    public MailPicture? Picture { get; init; }

    /// <summary>The same mail with the picture inside its HTML, for a browser, which has no other parts of a message to look in.</summary>
    public RenderedMail WithPictureInside() => Picture is null ? this : this with
    {
        Html = Html.Replace(Picture.Address, $"data:{Picture.ContentType};base64,{Convert.ToBase64String(Picture.Bytes)}", StringComparison.Ordinal),
        Picture = null,
    };

    /// <summary>Leaves out the body, which may hold a live link.</summary>
    public override string ToString() => nameof(RenderedMail);
}
