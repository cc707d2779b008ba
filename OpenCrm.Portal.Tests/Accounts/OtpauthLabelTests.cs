using System.Globalization;
using System.Text;
using OpenCrm.Portal.Accounts;

namespace OpenCrm.Portal.Tests.Accounts;

/// <summary>Under which name an authenticator app lists an entry (docs/spec.md 2.4).</summary>
public sealed class OtpauthLabelTests
{
    private static readonly AuthenticatorKey Key = AuthenticatorKey.From("12345678901234567890"u8.ToArray());

    /// <summary>Red when a colon is kept: pyotp and otpauth take <c>%3A</c> for a second separator in the label.</summary>
    [Theory]
    [InlineData("Northwind: Instruments", "Northwind Instruments")]
    [InlineData("A:B", "AB")]
    [InlineData(" : ", GeneralSettings.DefaultCompanyName)]
    [InlineData("", GeneralSettings.DefaultCompanyName)]
    public void A_company_has_no_colon_in_the_address(string company, string issuer)
    {
        var label = OtpauthLabel.Of(company, "ann.lee");
        Assert.Equal(new OtpauthLabel(issuer, "ann.lee"), label);
        Assert.DoesNotContain("%3A", Key.OtpauthUri(label), StringComparison.OrdinalIgnoreCase);
    }

    [Theory]
    [InlineData("Nor\u200Bth\u2060wind\uFEFF")]
    [InlineData("\u202ENorthwind\u202C")]
    [InlineData("\u2066North\u00ADwind\u2069\u200F")]
    [InlineData("North\u3164wind\u115F\uFE0F\u034F\uFFFE\U000E0041")]
    [InlineData("\u0000North\u0007wind\u007F")]
    [InlineData("\u180BNorth\uFFA0wind\uFFF3\u17B4\uFDD0")]
    public void What_cannot_be_seen_is_left_out(string name)
    {
        Assert.Equal(new OtpauthLabel("Northwind", "Northwind"), OtpauthLabel.Of(name, name));
    }

    [Fact]
    public void Blanks_of_every_kind_are_one_blank()
    {
        Assert.Equal("Müller & Söhne", OtpauthLabel.Of("\u00A0Müller\t&\u2003\u2028Söhne ", "ann").Issuer);
    }

    [Theory]
    [InlineData("OpenCRM", "ann.lee")]
    [InlineData("Northwind Instruments, Incorporated, of Wilmington, Delaware", "bartholomew.featherstonehaugh-cholmondeley.the.younger.of.leeds1")]
    [InlineData("Общество с ограниченной ответственностью «Северный ветер» №1", "аня.иванова")]
    [InlineData("株式会社北風計測機器製造販売東京本社技術開発部第二課研究所附属資料館管理室情報系統班", "太郎")]
    [InlineData("👩‍👩‍👧‍👦👩‍👩‍👧‍👦👩‍👩‍👧‍👦👩‍👩‍👧‍👦 Family & Friends 🏴󠁧󠁢󠁥󠁮󠁧󠁿", "ann")]
    [InlineData("%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%", "&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&")]
    public void The_whole_address_stays_within_400_characters_and_a_username_that_leaves_room_stays_whole(string company, string username)
    {
        var label = OtpauthLabel.Of(company, username);

        var address = Key.OtpauthUri(label);
        Assert.True(address.Length <= OtpauthLabel.LongestAddress, $"{address.Length} characters");
        if (Uri.EscapeDataString(username).Length <= 206) Assert.Equal(username, label.Account);
        Assert.NotEmpty(label.Issuer);
        // No half of a surrogate pair is left; it would throw here.
        Assert.True(new UTF8Encoding(false, throwOnInvalidBytes: true).GetByteCount(label.Issuer + label.Account) > 0);
    }

    [Fact]
    public void A_username_that_would_need_all_the_room_leaves_the_company_its_beginning()
    {
        var label = OtpauthLabel.Of("株式会社北風計測機器製造", new string('あ', AccountName.UsernameLength));

        Assert.Equal("株式会社北", label.Issuer);
        Assert.Equal(22, label.Account.Length);
        Assert.True(Key.OtpauthUri(label).Length <= OtpauthLabel.LongestAddress);
    }

    /// <summary>Red when runes are counted instead of letters: the last accent is cut off and the letter stays.</summary>
    [Fact]
    public void A_letter_goes_with_all_its_marks()
    {
        var letter = "e\u0301\u0302";
        var label = OtpauthLabel.Of(string.Concat(Enumerable.Repeat(letter, 20)), "ann");

        Assert.True(label.Issuer.Length is > 0 and < 60);
        Assert.Equal(0, label.Issuer.Length % letter.Length);
        Assert.EndsWith(letter, label.Issuer, StringComparison.Ordinal);
        Assert.Equal(label.Issuer.Length / letter.Length, new StringInfo(label.Issuer).LengthInTextElements);
    }

    [Fact]
    public void One_letter_under_a_tower_of_marks_is_still_a_name()
    {
        var tower = "a" + new string('\u0301', 59);
        var label = OtpauthLabel.Of(tower, tower);
        Assert.StartsWith("a", label.Issuer, StringComparison.Ordinal);
        Assert.StartsWith("a", label.Account, StringComparison.Ordinal);
        Assert.True(Key.OtpauthUri(label).Length <= OtpauthLabel.LongestAddress);
    }
}
