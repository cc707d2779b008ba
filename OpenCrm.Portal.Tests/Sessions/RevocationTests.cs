using OpenCrm.Portal.Tests.Journeys;
using OpenCrm.Portal.Tests.Support;

namespace OpenCrm.Portal.Tests.Sessions;

/// <summary>A page leaves although another process ended its session (docs/spec.md 5.3 and 8.4).</summary>
public sealed class RevocationTests(PostgresCluster postgres, Browser browser)
{
    private static readonly SetupAdministrator Admin = PortalSettings.FirstAdministrator;

    [Theory]
    [MemberData(nameof(DatabaseKinds.Both), MemberType = typeof(DatabaseKinds))]
    public async Task A_rescue_command_that_disables_MFA_ends_the_open_page_with_the_reason(DatabaseKind database)
    {
        await using var portal = await PortalProcess.StartAsync(await postgres.NewAsync(database));
        var person = new Visitor(await browser.NewPageAsync(portal.BaseAddress));
        await person.Tab.GotoAsync("/login");
        await person.SignInAsync(Admin.Username, Admin.Password);
        await person.SwitchMfaOnAsync();
        await person.OpenOwnRecordAsync();
        await person.SetUpMfaAsync();

        var disabled = await portal.RunCommandAsync(["disable-mfa", Admin.Username]);
        Assert.Equal(0, disabled.ExitCode);

        // At once on PostgreSQL, within five seconds on SQLite, without a click or a reload.
        await person.Page.GetByText("multi-factor authentication of your account changed")
            .WaitForAsync(new() { Timeout = database == DatabaseKind.Postgres ? 2_000 : 6_000 });
        await person.Page.GetByLabel("Username or email").WaitForAsync();
        person.Tab.Circuit.AssertOneSocketOneLoad();
    }
}
