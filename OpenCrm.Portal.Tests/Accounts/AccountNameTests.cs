using System.Globalization;
using System.Text;
using OpenCrm.Portal.Accounts;

namespace OpenCrm.Portal.Tests.Accounts;

public sealed class AccountNameTests
{
    [Theory]
    [InlineData("ada")]
    [InlineData("Ünal")]
    [InlineData("U\u0308nal")]
    [InlineData("山田")]
    [InlineData("𠮷野")]
    [InlineData("a.b_c-d+e7")]
    [InlineData("анна.иванова")]
    [InlineData("Ἀθηνᾶ")]
    [InlineData("שרה")]
    [InlineData("فاطمة")]
    [InlineData("ゆき子")]
    [InlineData("ユーザー")]
    [InlineData("김민준")]
    [InlineData("王ㄅㄆ")]
    [InlineData("tom王ゆきカ")]
    [InlineData("tom王ㄅ")]
    [InlineData("tom王김")]
    [InlineData("प्रिया")]
    [InlineData("ｚoe")]
    [InlineData("zoe１2")]
    public void A_username_holds_letters_of_any_script(string username) => Assert.True(AccountName.IsValidUsername(username));

    [Theory]
    [InlineData("")]
    [InlineData(" ")]
    [InlineData("ada lovelace")]
    [InlineData("ada@home")]
    [InlineData("ada\n")]
    [InlineData("ada\r\nBcc: eve@example.test")]
    [InlineData("ada\0")]
    [InlineData("ada\u200b")]
    [InlineData("ada\u202e")]
    [InlineData("ada\u034f")]
    [InlineData("ada\ufe0f")]
    [InlineData("ada\u3164")]
    [InlineData("\u115fada")]
    [InlineData("ada\ufffe")]
    [InlineData("ada\ud800")]
    [InlineData("<ada>")]
    [InlineData("{{ada}}")]
    [InlineData("../ada")]
    public void A_username_holds_no_at_sign_space_control_or_markup(string username) => Assert.False(AccountName.IsValidUsername(username));

    [Fact]
    public void A_username_ends_at_sixty_four_characters()
    {
        Assert.True(AccountName.IsValidUsername(new('a', 64)));
        Assert.False(AccountName.IsValidUsername(new('a', 65)));
    }

    [Theory]
    [InlineData("ada@example.test")]
    [InlineData("Ada.Lovelace+crm@mail.example.test")]
    [InlineData("o'brien@example.test")]
    [InlineData("admin@localhost")]
    [InlineData("ünal@example.test")]
    public void A_plain_address_is_accepted(string email) => Assert.True(AccountName.IsValidEmail(email));

    [Theory]
    [InlineData("")]
    [InlineData("ada")]
    [InlineData("ada@")]
    [InlineData("@example.test")]
    [InlineData("ada@example")]
    [InlineData("ada@@example.test")]
    [InlineData("ada@example.test\n")]
    [InlineData("ada@example.test\r\nBcc: eve@example.test")]
    [InlineData("a@x.test>\r\nRCPT TO:<b@y.test>")]
    [InlineData("\"a\r\nb\"@example.test")]
    [InlineData("\"a b\"@example.test")]
    [InlineData("Ada <ada@example.test>")]
    [InlineData("<ada@example.test>")]
    [InlineData("ada@example.test,eve@example.test")]
    [InlineData("ada@example.test;eve@example.test")]
    [InlineData("ada(comment)@example.test")]
    [InlineData("ada@[192.0.2.1]")]
    [InlineData("ada@example.test\0")]
    [InlineData("ada\u2028@example.test")]
    [InlineData("ada\u202e@example.test")]
    [InlineData(" ada@example.test")]
    [InlineData("ada@example.test ")]
    public void Whatever_could_add_a_recipient_or_a_header_is_refused(string email) => Assert.False(AccountName.IsValidEmail(email));

    [Fact]
    public void An_address_ends_at_two_hundred_and_fifty_four_characters()
    {
        Assert.True(AccountName.IsValidEmail(new string('a', 60) + "@" + Domain(193)));
        Assert.False(AccountName.IsValidEmail(new string('a', 60) + "@" + Domain(194)));

        static string Domain(int length) => string.Concat(Enumerable.Range(0, length - 5).Select(n => n % 50 == 49 ? '.' : 'd')) + ".test";
    }

    [Theory]
    [InlineData("ada", " ADA\t")]
    [InlineData("Ünal", "u\u0308NAL")]
    [InlineData("ada@example.test", "ADA@Example.Test")]
    public void Case_spaces_around_and_composition_do_not_matter(string name, string typed) =>
        Assert.Equal(AccountName.Normalize(name), AccountName.Normalize(typed));

    [Fact]
    public void Different_people_stay_different()
    {
        Assert.NotEqual(AccountName.Normalize("unal"), AccountName.Normalize("ünal"));
        Assert.NotEqual(AccountName.Normalize("a da"), AccountName.Normalize("ada"));
    }

    [Theory]
    [InlineData("ada", false)]
    [InlineData("ada@example.test", true)]
    public void What_holds_an_at_sign_is_an_address(string typed, bool isEmail) => Assert.Equal(isEmail, AccountName.IsEmail(typed));

    // Red without the check of scripts: each of these is accepted beside the account that it looks like.
    [Theory]
    [InlineData("\u0430nna")]
    [InlineData("ann\u0430")]
    [InlineData("p\u0430ul")]
    [InlineData("\u03bfscar")]
    [InlineData("\u00b5bob")]
    [InlineData("\u0391nna")]
    [InlineData("\u13aanna")]
    [InlineData("anna\u0661")]
    [InlineData("\u0430\u03bf")]
    [InlineData("ゆき김")]
    [InlineData("ユーザーㄅ")]
    [InlineData("王김ゆき")]
    [InlineData("анна王")]
    public void A_username_mixes_no_scripts_that_look_alike(string username)
    {
        Assert.True(AccountName.MixesScripts(username));
        Assert.False(AccountName.IsValidUsername(username));
    }

    [Theory]
    [InlineData("zoe", "ｚｏｅ")]
    [InlineData("zoe", "Ｚoe")]
    [InlineData("zoe", "𝐳oe")]
    [InlineData("zoe", "ⓩoe")]
    [InlineData("zoe1", "zoe１")]
    [InlineData("fink", "ﬁnk")]
    [InlineData("strauss", "strauß")]
    [InlineData("STRAUSS", "STRAUẞ")]
    [InlineData("maſt", "mast")]
    [InlineData("ΟΔΥΣΣΕΥΣ", "οδυσσευς")]
    [InlineData("Ϊ\u0301", "ΐ")]
    [InlineData("ada@example.test", "ＡＤＡ＠example．test")]
    [InlineData("ｶﾞ", "ガ")]
    [InlineData("ada", "\u3000ada\u00a0")]
    public void Compatible_forms_and_case_mean_one_person(string name, string typed) =>
        Assert.Equal(AccountName.Normalize(name), AccountName.Normalize(typed));

    public static TheoryData<string> NeverKinds => [.. IncomingTextTests.Never];

    // Red with string.Normalize alone: U+FFFE and half surrogate pairs throw ArgumentException.
    [Theory, MemberData(nameof(NeverKinds), DisableDiscoveryEnumeration = true)]
    public void Normalizing_never_throws_and_gives_what_no_name_holds(string kind)
    {
        var normalized = AccountName.Normalize($"ada{kind}x");

        Assert.True(IncomingText.IsSecret(normalized));
        Assert.Contains('\ufffd', normalized);
        Assert.NotEqual(AccountName.Normalize("adax"), normalized);
        Assert.False(AccountName.IsValidUsername(normalized));
        Assert.False(AccountName.IsValidEmail(normalized + "@EXAMPLE.TEST"));
    }

    [Trait("Category", "Exhaustive")]
    [Fact]
    public void Every_character_folds_to_one_value_whatever_its_case_and_folding_again_changes_nothing()
    {
        var wrong = new List<string>();
        for (var point = 0; point <= 0x10FFFF; point++)
        {
            if (!Rune.IsValid(point)) continue;
            var text = $"x{new Rune(point)}y";
            var normalized = AccountName.Normalize(text);
            if (AccountName.Normalize(normalized) != normalized
                || AccountName.Normalize(text.ToUpperInvariant()) != normalized
                || AccountName.Normalize(text.ToLowerInvariant()) != normalized)
            {
                wrong.Add(point.ToString("X4", CultureInfo.InvariantCulture));
            }
        }
        Assert.Empty(wrong);
    }

    [Fact]
    public void What_folding_makes_longer_fits_its_column() =>
        Assert.All(
            ["ﷺ", "ß", "𝐳", "x"],
            letter => Assert.InRange(AccountName.Normalize(string.Concat(Enumerable.Repeat(letter, 5_000))).Length, 1, AccountName.NormalizedLength));
}
