using OpenCrm.Portal.Audit;
using OpenCrm.Portal.AuditLog;

namespace OpenCrm.Portal.Tests.AuditLog;

/// <summary>The page's state in its address, and what anybody may type there.</summary>
public sealed class AuditQueryTests
{
    [Fact]
    public void An_address_says_all_that_is_shown()
    {
        var query = new AuditQuery
        {
            User = "ann & co",
            Kind = nameof(AuditEvent.SignedIn),
            From = new(2026, 10, 5),
            To = new(2026, 10, 12),
            Zone = "Europe/Berlin"
        }.OlderThan(new(new(2026, 10, 7, 8, 9, 10, TimeSpan.Zero), 42));

        Assert.Equal(query, AuditQuery.Parse(query.ToQueryString()));
        Assert.Equal("", new AuditQuery { Zone = "Europe/Berlin" }.ToQueryString());
    }

    [Theory]
    [InlineData("?kind=NoSuch&from=yesterday&to=9999-12-31&zone=Nowhere/Here&older=x")]
    [InlineData("?older=99999999999999999999-1&newer=-&user=")]
    [InlineData("?older=1&newer=5-6-7&from=2026-02-30")]
    public void What_means_nothing_is_left_out(string address) => Assert.Equal(new AuditQuery(), AuditQuery.Parse(address));

    [Fact]
    public void A_day_is_the_readers_day_also_where_the_clocks_change()
    {
        var berlin = new AuditQuery { From = new(2026, 10, 25), To = new(2026, 10, 25), Zone = "Europe/Berlin" };
        Assert.Equal(TimeSpan.FromHours(25), berlin.Until - berlin.Since);
        Assert.Equal(new DateTimeOffset(2026, 10, 24, 22, 0, 0, TimeSpan.Zero), berlin.Since);
        // Daylight saving time begins at midnight there, so that midnight does not exist.
        Assert.Equal(
            new DateTimeOffset(2018, 11, 4, 3, 0, 0, TimeSpan.Zero),
            new AuditQuery { From = new(2018, 11, 4), Zone = "America/Sao_Paulo" }.Since);
    }

    [Fact]
    public void Every_kind_has_words_and_its_details_leave_no_placeholder()
    {
        Assert.NotEmpty(AuditWording.Kinds);
        Assert.All(
            AuditWording.Kinds,
            kind => Assert.NotNull(Texts.ResourceManager.GetString($"Audit_{kind}", System.Globalization.CultureInfo.InvariantCulture)));
        foreach (var (kind, details, words) in new[]
        {
            (nameof(AuditEvent.MfaDisabled), """{"By":"LostDevice"}""", "By the user at sign-in, with a lost-device link"),
            (nameof(AuditEvent.SettingChanged), """{"Block":"Security","Setting":"LockMinutes","Old":"0","New":"{Old}"}""",
                "Security, Lock minutes: 0 → {Old}"),
            (nameof(AuditEvent.LockedAfterFailures), """{"Attempts":5,"Until":null}""",
                "After 5 failed attempts, until a system administrator unlocks it"),
            (nameof(AuditEvent.LockedAfterFailures), """{"Attempts":5,"Until":"2026-10-05T10:00:00+00:00"}""",
                "After 5 failed attempts, until 10:00"),
            (nameof(AuditEvent.UsersExported), """{"Count":1234567}""", "Users: 1,234,567"),
            (nameof(AuditEvent.SignedOut), "{}", ""),
            ("MadeLater", """{"NewThing":true,"Old":"MinimumLength"}""", "New thing: Yes, Old: MinimumLength"),
        })
            Assert.Equal(words, AuditWording.Details(kind, details, at => at.ToString("HH:mm", System.Globalization.CultureInfo.InvariantCulture)));
    }
}
