namespace OpenCrm.Portal.Home;

/// <summary>What a system administrator does in the first days, with what is done already; each step leads to where it is done.</summary>
public sealed partial class FirstStepsCard
{
    private IReadOnlyList<Step> All =>
    [
        new(Steps.MfaSwitchedOn, "shield-yes", Texts.Home_StepMfa, Texts.Home_StepMfaWhy, $"{PortalUrls.AdditionalSettings}#security"),
        new(Steps.OwnMfa, "phone", Texts.Home_StepOwn, WhyOwn, PortalUrls.AccountSetupMfa),
        new(Steps.MailConnected, "mail", Texts.Home_StepMail, Texts.Home_StepMailWhy, $"{PortalUrls.AdditionalSettings}#mail"),
        new(Steps.OthersInvited, "users", Texts.Home_StepPeople, Texts.Home_StepPeopleWhy, PortalUrls.NewUser),
    ];

    private string WhyOwn => Steps.MfaSwitchedOn ? Texts.Home_StepOwnWhy : Texts.Home_StepOwnFirst;

    private sealed record Step(bool Done, string Symbol, string Name, string Why, string Href);
}
