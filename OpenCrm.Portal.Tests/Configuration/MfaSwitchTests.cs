using OpenCrm.Portal.Accounts;
using OpenCrm.Portal.Audit;
using OpenCrm.Portal.Configuration;
using OpenCrm.Portal.Credentials;
using OpenCrm.Portal.Mail;
using OpenCrm.Portal.Sessions;
using OpenCrm.Portal.Tests.Support;

namespace OpenCrm.Portal.Tests.Configuration;

/// <summary>Switching MFA on and off for everybody (docs/spec.md 3.4 and 3.5).</summary>
public sealed class MfaSwitchTests : IAsyncLifetime
{
    private static readonly SecurityFields Off = new(0, false, 5, 0, 30, 30), On = new(0, true, 5, 0, 30, 30);
    private readonly AuthenticatorKey _annsKey = AuthenticatorKey.Generate(), _bobsKey = AuthenticatorKey.Generate();
    private SettingsPortal _portal = null!;
    private PortalUser _ann = null!, _bob = null!, _eve = null!;

    public async ValueTask InitializeAsync()
    {
        _portal = await SettingsPortal.StartAsync();
        (_ann, _bob, _eve) = (
            await _portal.AddUserAsync("Ann Lee", key: _annsKey),
            await _portal.AddUserAsync("Bob", administrator: false, key: _bobsKey),
            await _portal.AddUserAsync("Eve"));
        await _portal.SwitchMfaAsync(on: true);
    }

    public ValueTask DisposeAsync() => _portal.DisposeAsync();

    [Fact]
    public async Task Off_is_asked_first_with_the_number_of_users_it_touches()
    {
        var circuit = await _portal.SignInAsync(_ann, byCode: true);

        var outcome = await circuit.Settings.SaveAsync(Off);

        Assert.Equal(
            new MfaSwitchQuestion(On: false, 2, AskPassword: false, AskCode: false),
            Assert.IsType<SettingsOutcome.ConfirmationNeeded>(outcome).Question);
        Assert.True((await _portal.ReadSettingsAsync<SecuritySettings>()).MfaEnabled);
    }

    [Fact]
    public async Task Off_keeps_enrolments_dormant_ends_no_session_and_mails_nobody()
    {
        var circuit = await _portal.SignInAsync(_ann, byCode: true);
        var other = await _portal.SignInAsync(_bob, byCode: true);

        Assert.IsType<SettingsOutcome.Saved>(await circuit.Settings.SaveAsync(Off, new MfaSwitchAnswer()));

        Assert.False((await _portal.ReadSettingsAsync<SecuritySettings>()).MfaEnabled);
        Assert.Equal([true, true], (await EnrolledAsync()).Select(u => u.EnrolmentId is not null));
        Assert.Equal(2, (await _portal.RowsAsync<Authenticator>()).Count);
        Assert.All(new[] { await _portal.SessionAsync(circuit), await _portal.SessionAsync(other) }, session => Assert.Null(session.EndedAt));
        Assert.Empty(await _portal.RowsAsync<OutboxEntry>());
        Assert.Equal("""{"On":false,"Enrolments":2,"Erased":false}""", Assert.Single(await EventsAsync()).Details);
    }

    [Fact]
    public async Task Off_with_erase_erases_every_enrolment_in_silence()
    {
        var circuit = await _portal.SignInAsync(_ann, byCode: true);

        await circuit.Settings.SaveAsync(Off, new MfaSwitchAnswer(Erase: true));

        Assert.Empty(await EnrolledAsync());
        Assert.All(await _portal.RowsAsync<PortalUser>(), user => Assert.Null(user.EnrolmentId));
        Assert.Empty(await _portal.RowsAsync<Authenticator>());
        Assert.Null((await _portal.SessionAsync(circuit)).EndedAt);
        Assert.Empty(await _portal.RowsAsync<OutboxEntry>());
        Assert.Equal("""{"On":false,"Enrolments":2,"Erased":true}""", Assert.Single(await EventsAsync()).Details);
    }

    [Fact]
    public async Task On_ends_the_sessions_of_all_who_resume_but_the_one_that_switched()
    {
        await _portal.SwitchMfaAsync(on: false);
        var circuit = await _portal.SignInAsync(_ann);
        var annsOther = await _portal.SignInAsync(_ann, byCode: true);
        var bobs = await _portal.SignInAsync(_bob);
        var eves = await _portal.SignInAsync(_eve);

        var asked = await circuit.Settings.SaveAsync(On);
        var outcome = await circuit.Settings.SaveAsync(On, new MfaSwitchAnswer(Code: await _portal.CodeAsync(_annsKey)));

        Assert.Equal(
            new MfaSwitchQuestion(On: true, 2, AskPassword: false, AskCode: true),
            Assert.IsType<SettingsOutcome.ConfirmationNeeded>(asked).Question);
        Assert.IsType<SettingsOutcome.Saved>(outcome);
        Assert.Null((await _portal.SessionAsync(eves)).EndedAt);
        Assert.Equal(SessionEnd.CodeNeeded, (await _portal.SessionAsync(bobs)).EndedBy);
        Assert.Equal(SessionEnd.CodeNeeded, (await _portal.SessionAsync(annsOther)).EndedBy);
        // The actor's session is now proved by a code, so it stays valid and goes on working.
        Assert.True((await _portal.SessionAsync(circuit)).ProvedByCode);
        Assert.True((await circuit.Settings.ReadAsync()).Security.MfaEnabled);
        Assert.Equal("""{"On":true,"Enrolments":2,"Erased":false}""", Assert.Single(await EventsAsync()).Details);
        Assert.Empty(await _portal.RowsAsync<OutboxEntry>());
    }

    [Fact]
    public async Task On_without_a_right_code_of_ones_own_changes_nothing()
    {
        await _portal.SwitchMfaAsync(on: false);
        var circuit = await _portal.SignInAsync(_ann);

        var empty = await circuit.Settings.SaveAsync(On, new MfaSwitchAnswer());
        var wrong = await circuit.Settings.SaveAsync(On, new MfaSwitchAnswer(Code: await WrongCodeAsync()));

        Assert.IsType<StepUpOutcome.Incomplete>(Assert.IsType<SettingsOutcome.NotProved>(empty).Proof);
        Assert.IsType<Refusal.Wrong>(Refused.For(Assert.IsType<SettingsOutcome.NotProved>(wrong).Proof));
        Assert.False((await _portal.ReadSettingsAsync<SecuritySettings>()).MfaEnabled);
        Assert.Equal(1, (await _portal.RowsAsync<PortalUser>()).Single(u => u.Id == _ann.Id).AccessFailedCount);
    }

    [Fact]
    public async Task Wrong_codes_in_the_popup_lock_like_any_others_and_end_the_session()
    {
        await _portal.SwitchMfaAsync(on: false);
        var circuit = await _portal.SignInAsync(_ann);

        SettingsOutcome outcome = null!;
        for (var tries = 0; tries < SecuritySettings.DefaultAttempts; tries++)
            outcome = await circuit.Settings.SaveAsync(On, new MfaSwitchAnswer(Code: await WrongCodeAsync()));

        Assert.IsType<Refusal.LockedOut>(Refused.For(Assert.IsType<SettingsOutcome.NotProved>(outcome).Proof));
        Assert.Equal(SessionEnd.FailedAttempts, (await _portal.SessionAsync(circuit)).EndedBy);
        Assert.False((await _portal.ReadSettingsAsync<SecuritySettings>()).MfaEnabled);
    }

    [Fact]
    public async Task On_where_nobody_resumes_asks_nothing()
    {
        await _portal.SwitchMfaAsync(on: false);
        await EraseAsync();
        var circuit = await _portal.SignInAsync(_eve);

        Assert.IsType<SettingsOutcome.Saved>(await circuit.Settings.SaveAsync(On));
        Assert.True((await _portal.ReadSettingsAsync<SecuritySettings>()).MfaEnabled);
    }

    [Fact]
    public async Task After_ten_minutes_the_switch_asks_for_password_and_code()
    {
        var circuit = await _portal.SignInAsync(_ann, byCode: true);
        _portal.Host.Advance(Caller.StepUpAfter + TimeSpan.FromSeconds(1));

        var asked = await circuit.Settings.SaveAsync(Off);
        var wrong = await circuit.Settings.SaveAsync(Off, new MfaSwitchAnswer(Password: "not it", Code: await _portal.CodeAsync(_annsKey)));
        var right = await circuit.Settings.SaveAsync(
            Off,
            new MfaSwitchAnswer(Password: SettingsPortal.Password, Code: await _portal.CodeAsync(_annsKey)));

        Assert.Equal(
            new MfaSwitchQuestion(On: false, 2, AskPassword: true, AskCode: true),
            Assert.IsType<SettingsOutcome.ConfirmationNeeded>(asked).Question);
        Assert.IsType<Refusal.Wrong>(Refused.For(Assert.IsType<SettingsOutcome.NotProved>(wrong).Proof));
        Assert.IsType<SettingsOutcome.Saved>(right);
    }

    [Fact]
    public async Task A_password_that_was_right_is_not_asked_for_again_after_a_wrong_code()
    {
        await _portal.SwitchMfaAsync(on: false);
        var circuit = await _portal.SignInAsync(_ann);
        _portal.Host.Advance(TimeSpan.FromMinutes(11));

        var wrong = await circuit.Settings.SaveAsync(On, new MfaSwitchAnswer(Password: SettingsPortal.Password, Code: await WrongCodeAsync()));
        var right = await circuit.Settings.SaveAsync(On, new MfaSwitchAnswer(Code: await _portal.CodeAsync(_annsKey)));

        Assert.Equal(new MfaSwitchQuestion(On: true, 2, AskPassword: false, AskCode: true), Assert.IsType<SettingsOutcome.NotProved>(wrong).Question);
        Assert.IsType<SettingsOutcome.Saved>(right);
    }

    [Fact]
    public async Task A_switch_on_top_of_somebody_elses_save_is_told_before_anything_is_asked()
    {
        var circuit = await _portal.SignInAsync(_ann, byCode: true);
        await (await _portal.SignInAsync(_eve)).Settings.SaveAsync(On with { AttemptsBeforeLock = 9 });

        Assert.IsType<SettingsOutcome.SavedMeanwhile>(await circuit.Settings.SaveAsync(Off));
        Assert.IsType<SettingsOutcome.SavedMeanwhile>(await circuit.Settings.SaveAsync(Off, new MfaSwitchAnswer(Erase: true)));
        Assert.Equal(2, (await EnrolledAsync()).Count);
    }

    private async Task<string> WrongCodeAsync() => await Oathtool.WrongCodeAsync(string.Concat(_annsKey.Groups), _portal.Host.Now);

    private async Task EraseAsync()
    {
        await using var work = await _portal.Units.BeginAsync();
        Assert.Equal(2, await work.Enrolments.EraseAllAsync());
        await work.CommitAsync();
    }

    private async Task<List<PortalUser>> EnrolledAsync() => [.. (await _portal.RowsAsync<PortalUser>()).Where(u => u.TwoFactorEnabled)];

    private async Task<List<AuditEntry>> EventsAsync() =>
        [.. (await _portal.RowsAsync<AuditEntry>()).Where(e => e.Kind == nameof(AuditEvent.MfaSwitchChanged))];
}
