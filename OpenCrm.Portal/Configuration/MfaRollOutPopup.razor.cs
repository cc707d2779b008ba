using System.Globalization;
using OpenCrm.Portal.Accounts;
using OpenCrm.Portal.Controls;

namespace OpenCrm.Portal.Configuration;

/// <summary>Shows what a rule about who must use MFA is going to do (docs/spec.md 12.4).</summary>
public sealed partial class MfaRollOutPopup(BrowserTime browser)
{
    private string Question =>
        Preview.Rule.Who is MustUseMfa.Everyone ? Texts.Configuration_RollOutQuestionEveryone : Texts.Configuration_RollOutQuestionAdministrators;

    private string Sentence => (Preview.Covered - Preview.Enrolled) switch
    {
        <= 0 => Texts.Configuration_RollOutNobody,
        1 => Texts.Configuration_RollOutOne,
        var without => Phrase.Of(Texts.Configuration_RollOutMany, Number(without)),
    };

    private string Deadline => Preview switch
    {
        { FirstDeadline: null } => Texts.Configuration_RollOutNone,
        { HasPassed: true } => Texts.Configuration_RollOutPassed,
        { FirstDeadline: var first } => browser.Exact(first.Value),
    };

    private string List => PortalUrls.UsersWithoutMfa(Preview.Rule.Who is MustUseMfa.SystemAdministrators);

    private static string Number(int number) => number.ToString("N0", CultureInfo.CurrentCulture);
}
