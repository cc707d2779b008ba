using OpenCrm.Portal.Accounts;
using OpenCrm.Portal.Users;

namespace OpenCrm.Portal.Tests.Users;

/// <summary>The list's state is kept in the address (docs/spec.md 5.1).</summary>
public sealed class UserQueryTests
{
    private static readonly UserQuery Everything = new()
    {
        Search = "o'brien & søn +50%",
        Sort = UserColumn.LastSignIn,
        Descending = true,
        Status = AccountStatus.LockedFailedAttempts,
        Mfa = false,
        Administrators = true,
    };

    public static TheoryData<UserQuery> Queries =>
    [
        new UserQuery(), Everything, Everything.AtLast(),
        Everything.After(new(1, Guid.Parse("0196a3c4-0000-7000-8000-000000000001"), "638000000000000000")),
        Everything.Before(new(0, Guid.Parse("0196a3c4-0000-7000-8000-000000000001"), "ANN  LEE-Ü 1")),
        new UserQuery { Sort = UserColumn.Mfa, Mfa = true }.After(new(1, Guid.Parse("0196a3c4-0000-7000-8000-000000000002"), null)),
    ];

    [Theory]
    [MemberData(nameof(Queries), DisableDiscoveryEnumeration = true)]
    public void What_is_written_to_the_address_is_read_from_it(UserQuery query) => Assert.Equal(query, UserQuery.Parse(query.ToQueryString()));

    [Fact]
    public void The_list_as_it_opens_has_a_plain_address() => Assert.Equal("", new UserQuery().ToQueryString());

    [Theory]
    [InlineData("?sort=nonsense&status=7&mfa=maybe&administrators=1&after=%FF&page=9")]
    [InlineData("?after=AAAA&before=!!&order=asc")]
    [InlineData("?search=%0d%0a%20")]
    public void What_is_not_understood_is_left_at_its_default(string queryString) => Assert.Equal(new UserQuery(), UserQuery.Parse(queryString));

    [Fact]
    public void What_no_name_holds_is_left_out_of_the_search_and_that_is_known()
    {
        var query = UserQuery.Parse("?search=a%00n%EF%BF%BEn%E2%80%AEa");
        Assert.Equal(("anna", true), (query.Search, query.LeftOut));
        Assert.Equal(("anna", false), (UserQuery.Parse(query.ToQueryString()).Search, UserQuery.Parse(query.ToQueryString()).LeftOut));
    }
}
