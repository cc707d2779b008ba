using System.Globalization;
using OpenCrm.Portal.Controls;
using OpenCrm.Portal.Mail;

namespace OpenCrm.Portal.Configuration;

/// <summary>The block Mail: the mail server, and a test of what is typed (docs/spec.md 7.4).</summary>
public sealed partial class MailBlock(AdditionalSettings settings, MailTest test, Announcer announcer)
{
    private SettingsBlock block = null!;
    private TestAnswer? answer;
    private bool testing;

    private string? ConfiguredPort => Configured?.Port.ToString(CultureInfo.InvariantCulture);

    private string? PasswordError => !Draft.Faults.Contains(MailEdit.PasswordField) ? null
        : Draft.Password.Typed.Length == 0 ? Texts.Configuration_MailPasswordAgain
        : Texts.Configuration_MailPasswordInvalid;

    private Task<SettingsOutcome> SaveAsync() => settings.SaveAsync(Draft.WithPassword);

    // Pressing twice must not send two mails.
    private Task TestAsync() => testing ? Task.CompletedTask : block.ActAsync(SendTestAsync, Texts.Configuration_MailNotTested);

    /// <summary>Runs once more after a fresh proof, with what is typed by then.</summary>
    private async Task<SettingsOutcome> SendTestAsync()
    {
        (testing, answer) = (true, null);
        StateHasChanged();
        try
        {
            return await test.SendAsync(Draft.WithPassword);
        }
        finally
        {
            testing = false;
        }
    }

    private void ShowTest(SettingsOutcome outcome)
    {
        answer = outcome switch
        {
            SettingsOutcome.MailTested { Answer: MailTrialOutcome.Accepted taken, To: var to } =>
                new(AlertKind.Success, Phrase.Of(Texts.Configuration_MailAccepted, taken.Place, to, taken.Said)),
            SettingsOutcome.MailTested { Answer: MailTrialOutcome.NotSent refused } => new(AlertKind.Danger, refused.Why),
            SettingsOutcome.TooManyTests => new(AlertKind.Warn, Texts.Configuration_MailTooManyTests),
            _ => null,
        };
        // Failures are alerts and read out by themselves.
        if (answer is { Kind: AlertKind.Success }) announcer.Announce(answer.Text);
    }

    private Task TypePasswordAsync(string? typed)
    {
        Draft.Password.Typed = typed ?? "";
        if (Draft.Password.Typed.Length > 0) Draft.Remove.Typed = false;
        return EditedAsync();
    }

    private Task RemoveAsync(bool remove)
    {
        Draft.Remove.Typed = remove;
        return EditedAsync();
    }

    /// <summary>An answer about settings that are no longer the typed ones would mislead.</summary>
    private Task EditedAsync()
    {
        answer = null;
        return OnEdited.InvokeAsync();
    }

    private sealed record TestAnswer(AlertKind Kind, string Text);
}
