using OpenCrm.Portal.Audit;
using OpenCrm.Portal.Credentials;
using OpenCrm.Portal.Sessions;

namespace OpenCrm.Portal.Tests.Audit;

/// <summary>The audit trail says what happened in words that a receptionist understands (docs/spec.md 9.1).</summary>
public sealed class AuditWordingTests
{
    public static TheoryData<string> Kinds => [.. AuditWording.Kinds];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Every_kind_has_words_of_its_own(string kind) => Assert.NotNull(Texts.ResourceManager.GetString($"Audit_{kind}", null));

    [Fact]
    public void Every_place_of_a_wrong_answer_every_end_of_a_session_and_every_way_out_of_MFA_has_words()
    {
        foreach (var at in Enum.GetNames<AskedAt>()) AssertWords($"Audit_At_{at}");
        foreach (var why in Enum.GetNames<SessionEnd>()) AssertWords($"Audit_Why_{why}");
        foreach (var by in Enum.GetNames<MfaDisabledBy>()) AssertWords($"Audit_By_{by}");

        static void AssertWords(string name) => Assert.False(string.IsNullOrEmpty(Texts.ResourceManager.GetString(name, null)), name);
    }

    [Theory]
    [InlineData(nameof(AuditEvent.SignedIn), """{"With":"password and code"}""", "With password and code")]
    [InlineData(nameof(AuditEvent.SignedInAgain), """{"With":"password"}""", "With password")]
    [InlineData(nameof(AuditEvent.WrongPassword), """{"At":"PasswordChange"}""", "At a change of the password")]
    [InlineData(nameof(AuditEvent.SessionsEnded), """{"Count":1,"Why":"EndedByPerson"}""", "1, because the person ended them")]
    [InlineData(nameof(AuditEvent.MfaSetUp), """{"Replaced":true}""", "In place of an older authenticator")]
    [InlineData(nameof(AuditEvent.MfaSetUp), """{"Replaced":false}""", "No older authenticator was in place")]
    [InlineData(
        nameof(AuditEvent.MfaSwitchChanged),
        """{"On":false,"Enrolments":12,"Erased":true}""",
        "Switched off for everybody. Enrolments: 12, all erased")]
    [InlineData(nameof(AuditEvent.UserCreated), """{"SystemAdministrator":false,"How":"administrator"}""", "As a user without Settings")]
    [InlineData(
        nameof(AuditEvent.TemplateRestored),
        """{"Template":"lost-device-link","Old":3,"New":4,"From":1,"Parts":"Subject, Html"}""",
        "Lost-device link, version 4 as version 1: Subject, Html")]
    [InlineData(nameof(AuditEvent.ArticleRated), """{"Stars":4}""", "Stars: 4 of 5")]
    [InlineData(nameof(AuditEvent.LanguageChosen), """{"Language":"de"}""", "Deutsch")]
    [InlineData(nameof(AuditEvent.LanguageChosen), """{"Language":null}""", "as in the browser")]
    [InlineData(
        nameof(AuditEvent.SettingChanged), """{"Block":"Security","Setting":"WhoMustUseMfa","Old":"Nobody","New":"SystemAdministrators"}""",
        "Security, Who must use MFA: Nobody → System administrators")]
    [InlineData(nameof(AuditEvent.SignedOut), "{}", "")]
    public void Particulars_read_as_a_sentence(string kind, string details, string words) =>
        Assert.Equal(words, AuditWording.Details(kind, details, at => at.ToString("u")));

    /// <summary>The stored words are English; nobody reads them in a German trail.</summary>
    [Theory]
    [InlineData(nameof(AuditEvent.SignedIn), """{"With":"password and code"}""", "Mit Kennwort und Code")]
    [InlineData(nameof(AuditEvent.PasswordReset), """{"How":"forgotten password"}""", "Anlass: vergessenes Kennwort")]
    [InlineData(nameof(AuditEvent.PortalSetUp), """{"How":"set-up page"}""", "Über: Einrichtungsseite")]
    [InlineData(
        nameof(AuditEvent.SettingChanged),
        """{"Block":"Password policy","Setting":"RequireDigit","Old":"True","New":"False"}""",
        "Kennwortrichtlinie, Ziffer verlangen: Ja → Nein")]
    [InlineData(
        nameof(AuditEvent.TemplateChanged),
        """{"Template":"lost-device-link","Old":3,"New":4,"Parts":"Subject, Text"}""",
        "Link bei Geräteverlust, Version 4: Betreff, Text")]
    [InlineData(
        nameof(AuditEvent.UserChanged),
        """{"Detail":"SystemAdministrator","Old":"False","New":"True"}""",
        "Systemadministrator: Nein → Ja")]
    public void A_German_reader_reads_the_stored_words_in_German(string kind, string details, string words) =>
        Assert.Equal(words, Languages.In(Languages.German, () => AuditWording.Details(kind, details, at => at.ToString("u"))));

    [Fact]
    public void A_German_reader_reads_who_did_it_in_German()
    {
        string[] by = [AuditTrail.NotSignedIn, AuditTrail.Console, AuditTrail.Portal, "Ann Lee"];
        Assert.Equal(by, by.Select(AuditWording.Actor));
        Assert.Equal(
            ["Nicht angemeldet", "Konsole", "Portal", "Ann Lee"],
            Languages.In(Languages.German, () => by.Select(AuditWording.Actor).ToArray()));
    }

    [Theory]
    [InlineData("Elena Rossi", "203.0.113.24", "by Elena Rossi, from 203.0.113.24")]
    [InlineData("Elena Rossi", "::1", "by Elena Rossi, from the portal’s computer")]
    [InlineData(AuditTrail.NotSignedIn, "203.0.113.24", "not signed in, from 203.0.113.24")]
    [InlineData(AuditTrail.Console, null, "Console")]
    public void A_line_says_who_did_it_and_from_where(string by, string? address, string expected) =>
        Assert.Equal(expected, AuditWording.Source(by, address));
}
