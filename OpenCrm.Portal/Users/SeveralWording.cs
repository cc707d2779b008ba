using System.Globalization;
using OpenCrm.Portal.Controls;

namespace OpenCrm.Portal.Users;

/// <summary>What people read about an action on several users.</summary>
internal static class SeveralWording
{
    /// <summary>The text of the action's button.</summary>
    public static string Name(SeveralAct act) => act switch
    {
        SeveralAct.Lock => Texts.Users_Lock,
        SeveralAct.Deactivate => Texts.Users_Deactivate,
        SeveralAct.ResetPassword => Texts.Users_ResetPassword,
        SeveralAct.EndSessions => Texts.Users_EndSessions,
        _ => Texts.Users_InviteAgain,
    };

    /// <param name="count">How many users it touches; more than one.</param>
    public static string Question(SeveralAct act, int count) => Phrase.Of(
        act switch
        {
            SeveralAct.Lock => Texts.Users_LockSeveralQuestion,
            SeveralAct.Deactivate => Texts.Users_DeactivateSeveralQuestion,
            SeveralAct.ResetPassword => Texts.Users_ResetPasswordSeveralQuestion,
            SeveralAct.EndSessions => Texts.Users_EndSessionsSeveralQuestion,
            _ => Texts.Users_InviteAgainSeveralQuestion,
        },
        Number(count));

    /// <param name="only">The only user it touches.</param>
    public static string Question(SeveralAct act, string only) => Phrase.Of(
        act switch
        {
            SeveralAct.Lock => Texts.Users_LockQuestion,
            SeveralAct.Deactivate => Texts.Users_DeactivateQuestion,
            SeveralAct.ResetPassword => Texts.Users_ResetPasswordQuestion,
            SeveralAct.EndSessions => Texts.Users_EndSessionsQuestion,
            _ => Texts.Users_InviteAgainQuestion,
        },
        only);

    /// <summary>What happens to all of them.</summary>
    public static string Sentence(SeveralAct act) => act switch
    {
        SeveralAct.Lock => Texts.Users_LockSeveralSentence,
        SeveralAct.Deactivate => Texts.Users_DeactivateSeveralSentence,
        SeveralAct.ResetPassword => Texts.Users_ResetPasswordSeveralSentence,
        SeveralAct.EndSessions => Texts.Users_EndSessionsSeveralSentence,
        _ => Texts.Users_InviteAgainSeveralSentence,
    };

    /// <summary>What happens to the only one.</summary>
    public static string Sentence(SeveralAct act, string only) => Phrase.Of(
        act switch
        {
            SeveralAct.Lock => Texts.Users_LockSentence,
            SeveralAct.Deactivate => Texts.Users_DeactivateSentence,
            SeveralAct.ResetPassword => Texts.Users_ResetPasswordSentence,
            SeveralAct.EndSessions => Texts.Users_EndSessionsSentence,
            _ => Texts.Users_InviteAgainSentence,
        },
        only,
        Texts.Users_SignedOutEverywhere);

    /// <summary>"198 locked, 14 left as they were".</summary>
    public static string Result(SeveralAct act, SeveralOutcome.Ran ran)
    {
        var done = Phrase.Of(
            act switch
            {
                SeveralAct.Lock => Texts.Users_LockedSeveral,
                SeveralAct.Deactivate => Texts.Users_DeactivatedSeveral,
                SeveralAct.ResetPassword => Texts.Users_PasswordWasResetSeveral,
                SeveralAct.EndSessions => Texts.Users_SessionsEndedSeveral,
                _ => Texts.Users_InvitedAgainSeveral,
            },
            Number(ran.Done));
        return ran.Left.Count == 0 ? done : Phrase.Of(Texts.Users_SeveralAndLeft, done, Number(ran.Left.Count));
    }

    /// <summary>Why it stopped, and how many it did not come to; null if it went through all of them.</summary>
    public static string? Stopped(SeveralOutcome.Ran ran) => ran.Stopped switch
    {
        null => null,
        SeveralStop.Asked => Phrase.Of(Texts.Users_SeveralStoppedAsked, Number(ran.NotReached)),
        SeveralStop.NoRight => Phrase.Of(Texts.Users_SeveralStoppedNoRight, Number(ran.NotReached)),
        _ => Phrase.Of(Texts.Users_SeveralStoppedAway, Number(ran.NotReached)),
    };

    public static string Why(Sparing why) => why switch
    {
        Sparing.Own => Texts.Users_SparedOwn,
        Sparing.LastAdministrator => Texts.Users_SparedLastAdministrator,
        Sparing.Administrator => Texts.Users_SparedAdministrator,
        Sparing.TooManyAdministrators => Phrase.Of(Texts.Users_SparedTooManyAdministrators, SeveralUsers.MostNamed),
        Sparing.Locked => Texts.Users_SparedLocked,
        Sparing.Inactive => Texts.Users_SparedInactive,
        Sparing.NoSession => Texts.Users_SparedNoSession,
        Sparing.PasswordNotChosen => Texts.Users_SparedPasswordNotChosen,
        Sparing.PasswordChosen => Texts.Users_SparedPasswordChosen,
        Sparing.Gone => Texts.Users_NoSuchUser,
        Sparing.Failed => Texts.Users_SparedFailed,
        _ => Texts.Users_SparedBusy,
    };

    public static string Number(int count) => count.ToString("N0", CultureInfo.CurrentCulture);
}
