using AngleSharp.Html.Parser;
using MimeKit;
using OpenCrm.Portal.Accounts;
using OpenCrm.Portal.Configuration;
using OpenCrm.Portal.Mail;
using OpenCrm.Portal.Tests.Support;

namespace OpenCrm.Portal.Tests.Mail;

/// <summary>Logo and colour of the company in mails.</summary>
public sealed class MailBrandTests
{
    private static readonly MailFrame Plain = new("Northwind Instruments", "https://portal.northwind.test", "portal@northwind.test");

    [Fact]
    public async Task The_logo_travels_with_the_mail_and_nothing_is_loaded_from_elsewhere()
    {
        var frame = Plain with { Logo = await LogoAsync(LogoFiles.Square), Accent = Colour.Parse("#1b6e3c") };
        var folder = Reaper.NewFolder("mail");
        var rendered = Rendered(frame);

        await new PickupTransport(folder).SendAsync(
            new(Guid.NewGuid(), "mfa-removed", "id@northwind.test", DateTimeOffset.UnixEpoch, new("portal@northwind.test", "Northwind"),
                new("ann@northwind.test", "Ann Lee"), rendered),
            CancellationToken.None);

        var mail = Assert.Single(new Mailbox(folder).All());
        var both = Assert.IsType<MultipartAlternative>(mail.Body);
        Assert.Equal("text/plain", both[0].ContentType.MimeType);
        var related = Assert.IsType<MultipartRelated>(both[1]);
        Assert.Equal("text/html", related.Root!.ContentType.MimeType);
        var picture = Assert.IsType<MimePart>(related[1]);
        Assert.Equal(("image/png", ContentDisposition.Inline), (picture.ContentType.MimeType, picture.ContentDisposition!.Disposition));
        Assert.Empty(mail.Attachments);
        using var bytes = new MemoryStream();
        await picture.Content!.DecodeToAsync(bytes);
        Assert.Equal(frame.Logo!.Bytes, bytes.ToArray());
        var shown = new HtmlParser().ParseDocument(mail.HtmlBody!).QuerySelector("img")!;
        Assert.Equal($"cid:{picture.ContentId}", shown.GetAttribute("src"));
        Assert.Equal(("48", "48"), (shown.GetAttribute("width"), shown.GetAttribute("height")));
        Assert.Contains("Northwind Instruments", mail.HtmlBody, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_wide_logo_stands_alone_and_says_the_name_where_pictures_are_blocked()
    {
        var document = new HtmlParser().ParseDocument(Rendered(Plain with { Logo = await LogoAsync(LogoFiles.Wide) }).Html);

        var company = document.QuerySelector(".frame-company")!;
        Assert.Equal("", company.TextContent.Trim());
        Assert.Equal("Northwind Instruments", company.QuerySelector("img")!.GetAttribute("alt"));
    }

    [Fact]
    public void Without_a_logo_the_mail_is_as_small_as_before_and_holds_no_picture()
    {
        var mail = Rendered(Plain);

        Assert.Null(mail.Picture);
        Assert.DoesNotContain("<img", mail.Html, StringComparison.Ordinal);
        Assert.Equal("Northwind Instruments", new HtmlParser().ParseDocument(mail.Html).QuerySelector(".frame-company")!.TextContent);
    }

    [Fact]
    public void Buttons_have_the_companys_color_in_the_light_and_a_tint_of_it_in_the_dark()
    {
        var html = Rendered(Plain with { Accent = Colour.Parse("#1b6e3c") }).Html;

        var button = new HtmlParser().ParseDocument(html).QuerySelector(".button")!;
        Assert.Contains("background: #1b6e3c", button.GetAttribute("style"), StringComparison.Ordinal);
        Assert.DoesNotContain("#2f4bc7", html, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("#b3c1ff", html, StringComparison.OrdinalIgnoreCase);
        foreach (var hex in new[] { "#1b6e3c", "#000000", "#0000ff", "#cc0000", "#767676" })
        {
            var tint = Colour.Parse(Dark(hex))!.Value;
            Assert.True(tint.IsReadableOn(Colour.Parse("#10141d")!.Value) && tint.IsReadableOn(Colour.Parse("#1a202d")!.Value), $"{hex}: {tint}");
        }
    }

    /// <summary>The preview's frame loads nothing, and looks in no other part of a message.</summary>
    [Fact]
    public async Task For_a_browser_the_picture_is_inside_the_HTML()
    {
        var logo = await LogoAsync(LogoFiles.Tall);

        var inside = Rendered(Plain with { Logo = logo }).WithPictureInside();

        Assert.Null(inside.Picture);
        Assert.Contains($"src=\"data:image/png;base64,{Convert.ToBase64String(logo.Bytes)}\"", inside.Html, StringComparison.Ordinal);
        Assert.DoesNotContain("cid:", inside.Html, StringComparison.Ordinal);
    }

    private static string Dark(string accent) =>
        MailBrand.FieldsOf(Plain with { Accent = Colour.Parse(accent) }, null).Single(field => field.Name == "accent_dark").Value.ToStringValue();

    private static RenderedMail Rendered(MailFrame frame)
    {
        var template = TemplateCatalogue.MfaRemoved;
        return new TemplateRenderer().Render(template, TemplateText.Default(template), template.SampleValues, "Ann Lee", frame);
    }

    private static async Task<LogoPicture> LogoAsync(byte[] file) =>
        Assert.IsType<LogoFileOutcome.Read>(await LogoFile.ReadAsync(file, Guid.NewGuid())).Logo;
}
