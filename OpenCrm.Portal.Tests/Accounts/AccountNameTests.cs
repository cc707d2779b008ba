using OpenCrm.Portal.Accounts;

namespace OpenCrm.Portal.Tests.Accounts;

public sealed class AccountNameTests
{
    [Theory]
    [InlineData("ada")]
    [InlineData("Ünal")]
    [InlineData("U\u0308nal")]
    [InlineData("山田")]
    [InlineData("a.b_c-d+e7")]
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
    public void Case_spaces_around_and_composition_do_not_matter(string name, string typed) => Assert.Equal(AccountName.Normalize(name), AccountName.Normalize(typed));

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
}
