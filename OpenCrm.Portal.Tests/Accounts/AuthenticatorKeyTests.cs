using System.Globalization;
using System.Text;
using OpenCrm.Portal.Accounts;

namespace OpenCrm.Portal.Tests.Accounts;

/// <summary>Codes and keys against the figures of the standard (RFC 6238; docs/spec.md 1.4 and 2.4).</summary>
public sealed class AuthenticatorKeyTests
{
    // The key of RFC 6238 Appendix B, SHA-1. Its codes have eight digits; ours are the last six of them.
    private static readonly AuthenticatorKey Key = AuthenticatorKey.From(Encoding.ASCII.GetBytes("12345678901234567890"));

    private static readonly DateTimeOffset At = DateTimeOffset.FromUnixTimeSeconds(1111111109);

    private const string CodeThen = "081804";

    [Theory]
    [InlineData(59, "94287082")]
    [InlineData(1111111109, "07081804")]
    [InlineData(1111111111, "14050471")]
    [InlineData(1234567890, "89005924")]
    [InlineData(2000000000, "69279037")]
    [InlineData(20000000000, "65353130")]
    public void The_codes_of_RFC_6238_match_at_their_time(long seconds, string code)
    {
        Assert.Equal(seconds / 30, Key.Match(code[2..], DateTimeOffset.FromUnixTimeSeconds(seconds)));
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(0)]
    [InlineData(1)]
    public void One_step_on_either_side_is_accepted_as_the_step_that_it_is(int steps)
    {
        Assert.Equal(AuthenticatorKey.StepAt(At), Key.Match(CodeThen, At.AddSeconds(steps * 30)));
    }

    [Theory]
    [InlineData(-2)]
    [InlineData(2)]
    public void Two_steps_away_is_a_wrong_code(int steps)
    {
        Assert.Null(Key.Match(CodeThen, At.AddSeconds(steps * 30)));
    }

    [Theory]
    [InlineData("081 804")]
    [InlineData(" 081804 ")]
    [InlineData("0 8 1 8 0 4")]
    [InlineData("081\t804")]
    [InlineData("081804\r\n")]
    [InlineData("081\u00a0804")]
    [InlineData("081\u202f804")]
    [InlineData("081\u2009804")]
    [InlineData("081\u3000804")]
    [InlineData("\u200b081\u200b804")]
    [InlineData("081\u200c\u200d804\u2060")]
    [InlineData("\ufeff081804")]
    [InlineData("\u2066081804\u2069")]
    [InlineData("0\u00ad81804")]
    [InlineData("0\ufe0f8\ufe0f1\ufe0f804")]
    [InlineData("081-804")]
    [InlineData("081\u2010804")]
    [InlineData("081\u2011804")]
    [InlineData("081\u2012804")]
    [InlineData("081\u2013804")]
    [InlineData("081 \u2014 804")]
    [InlineData("081\u2212804")]
    [InlineData("081\ufe63804")]
    [InlineData("081\uff0d804")]
    [InlineData("081\u30fc804")]
    [InlineData("０８１８０４")]
    [InlineData("０８１　８０４")]
    [InlineData("08１-８04")]
    public void A_code_is_read_as_people_paste_it(string typed)
    {
        Assert.NotNull(Key.Match(typed, At));
        Assert.NotNull(Key.Drift(typed, At));
    }

    [Theory]
    [InlineData("")]
    [InlineData("      ")]
    [InlineData("+81804")]
    [InlineData("+081804")]
    [InlineData("81804")]
    [InlineData("0081804")]
    [InlineData("0000081804")]
    [InlineData("081804\0")]
    [InlineData("٠٨١٨٠٤")]
    [InlineData("𝟎𝟖𝟏𝟖𝟎𝟒")]
    [InlineData("⁰⁸¹⁸⁰⁴")]
    [InlineData("081.804")]
    [InlineData("081804\ufffe")]
    [InlineData("081804\ud800")]
    [InlineData("\u200b")]
    [InlineData("------")]
    [InlineData("07081804")]
    [InlineData("08180x")]
    public void Anything_but_six_ASCII_digits_is_a_wrong_code(string typed)
    {
        Assert.Null(Key.Match(typed, At));
        Assert.Null(Key.Drift(typed, At));
    }

    [Fact]
    public void A_megabyte_is_a_wrong_code() => Assert.Null(Key.Match(new string(' ', 1024 * 1024) + CodeThen, At));

    [Theory]
    [InlineData(2)]
    [InlineData(20)]
    [InlineData(-2)]
    [InlineData(-20)]
    public void A_clock_up_to_ten_minutes_off_is_told_with_its_direction(int stepsAhead)
    {
        // The device shows the code of At while the portal's clock shows less (device ahead) or more (device behind).
        Assert.Equal(TimeSpan.FromSeconds(stepsAhead * 30), Key.Drift(CodeThen, At.AddSeconds(-stepsAhead * 30)));
    }

    [Theory]
    [InlineData(21)]
    [InlineData(-21)]
    public void A_clock_further_off_is_a_wrong_code(int stepsAhead)
    {
        Assert.Null(Key.Drift(CodeThen, At.AddSeconds(-stepsAhead * 30)));
    }

    [Fact]
    public void The_otpauth_address_is_what_apps_read()
    {
        Assert.Equal(
            "otpauth://totp/Northwind%20Instruments:%C3%BCnal.demir?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
            + "&issuer=Northwind%20Instruments&algorithm=SHA1&digits=6&period=30",
            Key.OtpauthUri(OtpauthLabel.Of("Northwind Instruments", "ünal.demir")));
    }

    [Fact]
    public void A_company_cannot_write_parameters_into_the_address()
    {
        var uri = Key.OtpauthUri(OtpauthLabel.Of("A&B: 100%?secret=X#", "ann.lee"));
        Assert.Equal(5, uri.Split('?', 2)[1].Split('&').Length);
        Assert.DoesNotContain('#', uri);
    }

    [Fact]
    public void The_manual_key_is_the_secret_in_groups_of_four()
    {
        Assert.Equal(["GEZD", "GNBV", "GY3T", "QOJQ", "GEZD", "GNBV", "GY3T", "QOJQ"], Key.Groups);
    }

    [Fact]
    public void Keys_have_160_bits_and_none_is_made_twice()
    {
        var keys = Enumerable.Range(0, 200).Select(_ => AuthenticatorKey.Generate().ToBytes()).ToList();
        Assert.All(keys, key => Assert.Equal(20, key.Length));
        Assert.Equal(keys.Count, keys.Select(Convert.ToHexString).Distinct().Count());
        Assert.Throws<ArgumentException>(() => AuthenticatorKey.From(new byte[19]));
    }

    [Fact]
    public void Codes_do_not_depend_on_the_culture()
    {
        var before = CultureInfo.CurrentCulture;
        try
        {
            CultureInfo.CurrentCulture = CultureInfo.GetCultureInfo("ar-SA");
            Assert.NotNull(Key.Match(CodeThen, At));
        }
        finally
        {
            CultureInfo.CurrentCulture = before;
        }
    }
}
