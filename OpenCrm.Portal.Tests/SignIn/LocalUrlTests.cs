using OpenCrm.Portal.SignIn;

namespace OpenCrm.Portal.Tests.SignIn;

/// <summary>After signing in only pages of the portal are opened (case A19 of docs/threats.md).</summary>
public sealed class LocalUrlTests
{
    [Theory]
    [InlineData("/", "/")]
    [InlineData("/settings/users", "/settings/users")]
    [InlineData("/settings/users?sort=name&page=2", "/settings/users?sort=name&page=2")]
    [InlineData("/account?next=//evil.test", "/account?next=//evil.test")]
    [InlineData("/@evil.test", "/@evil.test")]
    [InlineData("/https:evil.test", "/https:evil.test")]
    public void A_page_of_the_portal_is_where_the_person_lands(string asked, string lands) => Assert.Equal(lands, LocalUrl.OrHome(asked));

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData(" ")]
    [InlineData(" /account")]
    [InlineData("account")]
    [InlineData("//evil.test")]
    [InlineData("///evil.test")]
    [InlineData("/\\evil.test")]
    [InlineData("\\\\evil.test")]
    [InlineData("\\/evil.test")]
    [InlineData("/account\\..\\..\\evil.test")]
    [InlineData("/\t/evil.test")]
    [InlineData("/\n/evil.test")]
    [InlineData("\t//evil.test")]
    [InlineData("/\0/evil.test")]
    [InlineData("https:evil.test")]
    [InlineData("https:/evil.test")]
    [InlineData("https://evil.test")]
    [InlineData("HTTPS://evil.test/account")]
    [InlineData("http://portal.invalid/account")]
    [InlineData("~//evil.test")]
    [InlineData("~/account")]
    [InlineData("@evil.test")]
    [InlineData("evil.test")]
    [InlineData("javascript:alert(1)")]
    [InlineData("JavaScript:alert(1)")]
    [InlineData("data:text/html,x")]
    [InlineData("?returnUrl=/account")]
    [InlineData("#/account")]
    public void Anything_else_leads_home(string? asked) => Assert.Equal(PortalUrls.Home, LocalUrl.OrHome(asked));

    [Theory]
    [InlineData("/%09/evil.test")]
    [InlineData("/%2f%2fevil.test")]
    [InlineData("/%5cevil.test")]
    [InlineData("/./evil.test")]
    [InlineData("/..//evil.test")]
    [InlineData("/.//evil.test")]
    [InlineData("/account/..//evil.test")]
    [InlineData("/%2e%2e//evil.test")]
    [InlineData("/%2e//evil.test")]
    [InlineData("/account/%2e%2e//evil.test")]
    [InlineData("/\u2028/evil.test")]
    [InlineData("/\u3000/evil.test")]
    [InlineData("/／evil.test")]
    public void Encoded_and_dotted_ones_stay_on_this_site_as_a_browser_reads_them(string asked)
    {
        var lands = LocalUrl.OrHome(asked);

        Assert.StartsWith("/", lands, StringComparison.Ordinal);
        Assert.False(lands.Length > 1 && lands[1] is '/' or '\\', lands);
        Assert.Equal("portal.test", new Uri(new Uri("https://portal.test/login"), lands).Host);
        Assert.Equal(lands, LocalUrl.OrHome(lands));
    }

    [Fact]
    public void A_very_long_one_leads_home()
    {
        Assert.Equal(PortalUrls.Home, LocalUrl.OrHome("/" + new string('a', 2000)));
        Assert.Equal(2000, LocalUrl.OrHome("/" + new string('a', 1999)).Length);
    }

    /// <summary>A fragment may be the secret of a mailed link.</summary>
    [Fact]
    public void The_fragment_is_dropped() => Assert.Equal("/lost-device/confirm", LocalUrl.OrHome("/lost-device/confirm#secret"));
}
