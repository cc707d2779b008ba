using OpenCrm.Portal.Accounts;
using OpenCrm.Portal.Audit;
using OpenCrm.Portal.Mail;

namespace OpenCrm.Portal.Tests.Audit;

/// <summary>Addresses as people read them: a loopback address is no address to them.</summary>
public sealed class AddressWordingTests
{
    [Theory]
    [InlineData("::1", "the portal’s computer")]
    [InlineData("127.0.0.1", "the portal’s computer")]
    [InlineData("127.9.9.9", "the portal’s computer")]
    [InlineData("::ffff:127.0.0.1", "the portal’s computer")]
    [InlineData("192.0.2.1", "192.0.2.1")]
    [InlineData("2001:db8::1", "2001:db8::1")]
    [InlineData("unknown", "unknown")]
    [InlineData(null, null)]
    public void A_loopback_address_is_the_portal_s_computer_and_others_stay(string? address, string? words) =>
        Assert.Equal(words, Languages.In(Languages.English, () => AddressWording.Of(address)));

    [Fact]
    public void It_is_in_the_reader_s_language() =>
        Assert.Equal("Rechner des Portals", Languages.In(Languages.German, () => AddressWording.Of("::1")));

    /// <summary>Red when the words of a mail follow whoever caused it: a German click, and an English mail with a German address.</summary>
    [Fact]
    public void A_mail_says_it_in_English_whoever_caused_it()
    {
        var user = new PortalUser { UserName = "ann", Name = "Ann Lee", Email = "ann@northwind.test" };
        string From(string? address)
        {
            var mail = new MailDraft.AccountLocked(user, 5, null, DateTimeOffset.UnixEpoch, address);
            return Languages.In(Languages.German, () => mail.Values["from_address"]);
        }

        Assert.Equal("the portal’s computer", From("::1"));
        Assert.Equal("192.0.2.1", From("192.0.2.1"));
        Assert.Equal("", From(null));
    }
}
