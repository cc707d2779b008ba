using System.Globalization;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using OpenCrm.Portal.Accounts;
using OpenCrm.Portal.Audit;
using OpenCrm.Portal.Configuration;
using OpenCrm.Portal.Credentials;
using OpenCrm.Portal.Data;
using OpenCrm.Portal.Mail;

namespace OpenCrm.Portal.Tests.Support;

/// <summary>The rule about who must use MFA, saved as an administrator saves it, and what became of people's deadlines.</summary>
internal static class RequiredMfa
{
    /// <summary>A portal with MFA on, and an administrator who has it.</summary>
    public static async Task<(PortalHost Portal, TestPerson Root)> StartAsync(PortalSettings settings, bool listens = false)
    {
        var portal = await PortalHost.StartAsync(TwoNodes.Raised(settings), listens);
        await portal.SetSecurityAsync();
        return (portal, await portal.AddPersonAsync("root", enrolled: true, administrator: true));
    }

    /// <summary>Saves the rule, past the popup that shows whom it touches.</summary>
    /// <param name="mfa">The MFA switch; null leaves it.</param>
    public static async Task<SettingsOutcome> SaveRuleAsync(
        this PortalHost portal, TestPerson by, MustUseMfa who, int days = 7, bool? mfa = null, bool erase = false, bool seen = true)
    {
        await using var seat = await Seat.TakeAsync(portal, by);
        var stored = await portal.Services.GetRequiredService<UnitsOfWork>().ReadSettingsAsync<SecuritySettings>();
        var edit = new SecurityEdit(
            new(stored.Version, new Dictionary<string, string>
            {
                [nameof(SecuritySettings.WhoMustUseMfa)] = $"{who}",
                [nameof(SecuritySettings.MfaSetupDays)] = days.ToString(CultureInfo.InvariantCulture),
            }),
            mfa ?? stored.MfaEnabled);
        var answer = edit.MfaEnabled == stored.MfaEnabled ? null
            : new MfaSwitchAnswer(erase, Code: by.Secret is { } key && edit.MfaEnabled ? await Oathtool.CodeAsync(key, portal.Now) : null);
        return await seat.Service<MfaSwitch>().SaveAsync(edit, answer, seen);
    }

    /// <summary>Saves the rule and makes sure that it is saved.</summary>
    public static async Task RequireAsync(
        this PortalHost portal, TestPerson by, MustUseMfa who, int days = 7, bool? mfa = null, bool erase = false) =>
        Assert.IsType<SettingsOutcome.Saved>(await portal.SaveRuleAsync(by, who, days, mfa, erase));

    public static async Task<MfaDeadline?> FindDeadlineAsync(this PortalHost portal, Guid user)
    {
        await using var work = await portal.Services.GetRequiredService<UnitsOfWork>().ReadAsync();
        return await work.Query<MfaDeadline>().SingleOrDefaultAsync(d => d.UserId == user);
    }

    public static async Task<MfaDeadline> DeadlineAsync(this PortalHost portal, TestPerson person) =>
        await portal.FindDeadlineAsync(person.Id) ?? throw new InvalidOperationException($"{person.Username} has no deadline.");

    /// <summary>What the rule asks of a person now.</summary>
    public static async Task<MfaDutyState> DutyAsync(this PortalHost portal, TestPerson person)
    {
        await using var work = await portal.Services.GetRequiredService<UnitsOfWork>().ReadAsync();
        return (await work.Duties.FindAsync(
            (await work.Users.FindAsync(person.Id))!, await work.ReadSettingsAsync<SecuritySettings>())).State;
    }

    /// <summary>Moves a person's deadline without anybody's act: the time of the test.</summary>
    public static async Task MoveDeadlineAsync(this PortalHost portal, TestPerson person, DateTimeOffset dueAt)
    {
        await using var work = await portal.BeginAsync();
        await work.Query<MfaDeadline>().Where(d => d.UserId == person.Id).ExecuteUpdateAsync(set => set.SetProperty(d => d.DueAt, dueAt));
        await work.CommitAsync();
    }

    /// <summary>Runs a round of the worker that reminds people.</summary>
    public static Task RemindAsync(this PortalHost portal) =>
        portal.Services.GetServices<IHostedService>().OfType<MfaReminders>().Single().RunAsync(TestContext.Current.CancellationToken);

    /// <summary>How many mails about the deadline were written for this person.</summary>
    public static Task<int> RemindersOfAsync(this PortalHost portal, TestPerson person) => portal.CountAsync<OutboxEntry>(
        mails => mails.Where(m => m.TemplateKey == "mfa-due" && m.RecipientAddress == person.Email));

    /// <summary>The person sets up MFA, or disables it, by the statements that every way uses.</summary>
    public static async Task EnrolAsync(this PortalHost portal, TestPerson person)
    {
        await using var work = await portal.BeginAsync();
        var user = (await work.Users.FindAsync(person.Id))!;
        var run = new PendingEnrolment { Id = Guid.NewGuid(), UserId = user.Id, Issuer = "", Account = "", EnrolmentId = user.EnrolmentId };
        var authenticator = new Authenticator
        {
            Id = run.Id,
            UserId = user.Id,
            Name = "Authenticator app",
            ProtectedKey = AuthenticatorKeys.Protect(work, user.Id, AuthenticatorKey.Generate()),
            SetUpAt = work.Now,
            SetUpById = user.Id,
        };
        Assert.Equal(EnrolOutcome.Enrolled, await work.Enrolments.EnrolAsync(user, authenticator, run, work.Now));
        await work.CommitAsync();
    }

    /// <inheritdoc cref="EnrolAsync" />
    public static async Task DisableMfaAsync(this PortalHost portal, TestPerson person)
    {
        await using var work = await portal.BeginAsync();
        await portal.Services.GetRequiredService<MfaDisabling>().DisableAsync(
            work, person.Id, MfaDisabledBy.RescueCommand, new Caller.Console());
        await work.CommitAsync();
    }
}
