using System.Globalization;
using Microsoft.AspNetCore.Components;
using OpenCrm.Portal.Accounts;
using OpenCrm.Portal.Controls;

namespace OpenCrm.Portal.Configuration;

/// <summary>The MFA switch: its tick, how many users have MFA, and a link to the help article about it.</summary>
public sealed partial class MfaSwitchCard
{
    [Parameter, EditorRequired] public SettingDraft<SecuritySettings> Draft { get; set; } = null!;

    /// <summary>How many users have MFA; null until they are counted.</summary>
    [Parameter] public EnrolmentCount? Enrolments { get; set; }

    [Parameter] public EventCallback OnEdited { get; set; }

    private string Hint => (OnOff.IsOn(Draft.Value.Stored), Enrolments) switch
    {
        (_, null) => Texts.Configuration_EnableMfaHint,
        (true, var count) =>
            $"{Texts.Configuration_EnableMfaHint} {Phrase.Of(Texts.Configuration_UsersHaveIt, Bounded(count.Enrolled), Bounded(count.Users))}",
        (false, { Enrolled: 0 }) => Texts.Configuration_EnableMfaHint,
        (false, var count) =>
            $"{Texts.Configuration_EnableMfaHint} {Phrase.Of(Texts.Configuration_UsersDormant, Bounded(count.Enrolled), Bounded(count.Users))}",
    };

    private static string Bounded(int count) =>
        count > EnrolmentCount.Bound
            ? Phrase.Of(Texts.Configuration_MoreThan, EnrolmentCount.Bound.ToString("N0", CultureInfo.CurrentCulture))
            : count.ToString("N0", CultureInfo.CurrentCulture);
}
