using System.Globalization;
using Microsoft.AspNetCore.Components;
using OpenCrm.Portal.Controls;
using OpenCrm.Portal.Credentials;

namespace OpenCrm.Portal.Configuration;

/// <summary>How people sign in and when an account locks (spec 4.2); the MFA switch asks before it is saved (spec 3.4).</summary>
public sealed partial class SecurityBlock
{
    private SettingsBlock block = null!;
    private MfaSwitchQuestion? question;
    private string? problem;
    private int asked;

    [Inject] private AdditionalSettings Settings { get; set; } = null!;

    [Inject] private TimeProvider Time { get; set; } = null!;

    private string MfaHint => (Draft.MfaEnabled.Stored, Enrolments) switch
    {
        (_, null) => Texts.Configuration_EnableMfaHint,
        (true, var count) => $"{Texts.Configuration_EnableMfaHint} {Phrase.Of(Texts.Configuration_UsersHaveIt, Bounded(count.Enrolled), Bounded(count.Users))}",
        (false, { Enrolled: 0 }) => Texts.Configuration_EnableMfaHint,
        (false, var count) => $"{Texts.Configuration_EnableMfaHint} {Phrase.Of(Texts.Configuration_UsersDormant, Bounded(count.Enrolled), Bounded(count.Users))}",
    };

    private static string Bounded(int count) =>
        count > EnrolmentCount.Bound
            ? Phrase.Of(Texts.Configuration_MoreThan, EnrolmentCount.Bound.ToString("N0", CultureInfo.CurrentCulture))
            : count.ToString("N0", CultureInfo.CurrentCulture);

    private Task<SettingsOutcome> SaveAsync() => Settings.SaveAsync(Draft.Edit);

    private void Ask(SettingsOutcome outcome)
    {
        if (outcome is not SettingsOutcome.ConfirmationNeeded needed) return;
        (question, problem) = (needed.Question, null);
        asked++;
    }

    private async Task AnswerAsync(MfaSwitchAnswer answer)
    {
        problem = await block.RunAsync(async () =>
        {
            var switched = Draft.MfaEnabled.IsChanged;
            switch (await Settings.SaveAsync(Draft.Edit, answer))
            {
                case SettingsOutcome.NotProved wrong:
                    (question, problem) = (wrong.Question, Words(wrong.Proof));
                    return;
                case SettingsOutcome.ConfirmationNeeded needed:
                    // The proof grew old while the popup stood open.
                    (question, problem) = (needed.Question, Texts.Configuration_ProveAgain);
                    return;
                case var outcome:
                    Close();
                    await block.ShowAsync(outcome);
                    if (switched && outcome is SettingsOutcome.Saved) await OnSwitched.InvokeAsync();
                    break;
            }
        }) ?? problem;
        await OnEdited.InvokeAsync();
    }

    private void Close() => (question, problem) = (null, null);

    private string Words(StepUpOutcome proof) => proof switch
    {
        StepUpOutcome.Incomplete => Texts.Configuration_ProveIncomplete,
        StepUpOutcome.Refused(var refusal) => RefusalText.Of(refusal, wrong: Texts.Configuration_ProveWrong, changed: Texts.StepUp_TryLater, Time.GetUtcNow()),
        _ => throw new ArgumentOutOfRangeException(nameof(proof)),
    };
}
