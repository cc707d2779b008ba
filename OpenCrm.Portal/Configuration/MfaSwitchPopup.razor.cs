namespace OpenCrm.Portal.Configuration;

/// <summary>Asks before MFA is switched for everyone (spec 3.4, 3.5).</summary>
public sealed partial class MfaSwitchPopup
{
    private async Task AnswerAsync()
    {
        var answer = new MfaSwitchAnswer(erase, password, code);
        // A password that was wrong is typed anew, and none is kept longer than it is needed.
        (password, code) = (null, null);
        await OnAnswer.InvokeAsync(answer);
    }
}
