using OpenCrm.Portal.Accounts;
using OpenCrm.Portal.Tests.Support;

namespace OpenCrm.Portal.Tests.Enrolment;

/// <summary>
/// Real authenticators read the address behind the QR code: each shows the same code as oathtool, and the right names (docs/spec.md 2.4).
/// </summary>
public sealed class AddressTests
{
    private static readonly DateTimeOffset At = new(2026, 11, 27, 9, 30, 7, TimeSpan.Zero);

    /// <summary>Names of companies and users.</summary>
    private static readonly (string Company, string Username)[] Names =
    [
        ("OpenCRM", "ann.lee"),
        // Red when the colon is kept: otpauth takes only the part before it, and pyotp refuses the address.
        ("Northwind: Instruments", "ann.lee"),
        ("Müller GmbH", "ünal.demir"),
        ("100% Müll", "ann-lee_2"),
        ("Сеть «Восток»", "аня.иванова"),
        ("株式会社北風", "太郎"),
        ("🚀 Rocket", "ann.lee"),
        ("O'Neil \"X\" `y` C=D;E \\n $HOME", "ann.lee"),
        ("\u202EEvil\u202C\u200B Twin\uFEFF", "ann\u00AD.lee"),
        ("Общество с ограниченной ответственностью «Северный ветер» №1", "константин.константинопольский-задунайский"),
        ("👩‍👩‍👧‍👦👩‍👩‍👧‍👦 Family 👩‍👩‍👧‍👦👩‍👩‍👧‍👦 and Friends 👩‍👩‍👧‍👦", "ann.lee"),
    ];

    /// <summary>Names that pyotp 2.6 splits wrongly, because it decodes the whole address first (see findings/).</summary>
    private static readonly (string Company, string Username)[] NamesThatPyotpMisreads =
    [
        ("Smith & Sons", "ann.lee"),
        ("Müller & Söhne", "ünal.demir"),
        ("What? #1 / Co", "ann.lee"),
        ("A+B 50%26", "ann.lee"),
    ];

    private readonly AuthenticatorKey _key = AuthenticatorKey.Generate();

    [Fact]
    public async Task Pyotp_reads_it()
    {
        await AllReadAsync(Names, AuthenticatorApps.PyotpAsync);
    }

    [Fact]
    public async Task Npm_otpauth_reads_it()
    {
        await AllReadAsync([.. Names, .. NamesThatPyotpMisreads], AuthenticatorApps.OtpauthAsync);
    }

    [Fact]
    public async Task Npm_url_otpauth_reads_it()
    {
        await AllReadAsync([.. Names, .. NamesThatPyotpMisreads], AuthenticatorApps.UrlOtpauthAsync);
    }

    [Fact]
    public async Task KeePassXC_reads_it()
    {
        await AllReadNowAsync(AuthenticatorApps.KeePassXcAsync);
    }

    [Fact]
    public async Task Pass_otp_reads_it()
    {
        await AllReadNowAsync(AuthenticatorApps.PassOtpAsync);
    }

    private async Task AllReadAsync((string Company, string Username)[] names, Func<string, DateTimeOffset, Task<ReadEntry>> app)
    {
        var code = await Oathtool.CodeAsync(string.Concat(_key.Groups), At);
        foreach (var (company, username) in names)
        {
            var label = OtpauthLabel.Of(company, username);
            Assert.Equal(new ReadEntry(label.Issuer, label.Account, code), await app(_key.OtpauthUri(label), At));
        }
    }

    /// <summary>For programs that know only the real time: the code has to belong to a step between start and end of the reading.</summary>
    private async Task AllReadNowAsync(Func<IReadOnlyList<string>, Task<IReadOnlyList<ReadEntry>>> app)
    {
        OtpauthLabel[] labels = [.. Names.Concat(NamesThatPyotpMisreads).Select(name => OtpauthLabel.Of(name.Company, name.Username))];
        var start = TimeProvider.System.GetUtcNow();
        var read = await app([.. labels.Select(_key.OtpauthUri)]);
        var codes = new List<string>();
        for (var at = start; at < TimeProvider.System.GetUtcNow() + Oathtool.Step; at += Oathtool.Step)
            codes.Add(await Oathtool.CodeAsync(string.Concat(_key.Groups), at));

        Assert.Equal(labels.Length, read.Count);
        foreach (var (label, entry) in labels.Zip(read))
        {
            Assert.Contains(entry.Code, codes);
            if (entry.Issuer is not null) Assert.Equal(label, new OtpauthLabel(entry.Issuer, entry.Account!));
        }
    }
}
