namespace OpenCrm.Portal.Configuration;

/// <summary>Asks before MFA is switched on or off for everyone (docs/spec.md 3.4).</summary>
public sealed partial class MfaSwitchPopup
{
    private async Task AnswerAsync()
    {
        var answer = new MfaSwitchAnswer(erase, password, code);
        // A wrong password must be typed again, and none is kept longer than needed.
        (password, code) = (null, null);
        await OnAnswer.InvokeAsync(answer);
    }
}
