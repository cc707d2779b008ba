using System.Globalization;
using Microsoft.AspNetCore.Components;
using OpenCrm.Portal.Controls;

namespace OpenCrm.Portal.Configuration;

/// <summary>Asks before MFA is switched on or off for everyone (docs/spec.md 3.4).</summary>
public sealed partial class MfaSwitchPopup
{
    private bool erase;
    private string? password, code;

    [Parameter, EditorRequired] public MfaSwitchQuestion Question { get; set; } = null!;

    /// <summary>Why the last answer was not accepted; null if there was none.</summary>
    [Parameter] public string? Problem { get; set; }

    [Parameter] public EventCallback<MfaSwitchAnswer> OnAnswer { get; set; }

    [Parameter] public EventCallback OnCancel { get; set; }

    /// <summary>Nobody is affected; only the proof is asked for.</summary>
    private bool OnlyProof => Question is { On: true, Enrolments: 0 };

    private string Heading => Question.On
        ? OnlyProof ? Texts.Configuration_ConfirmIsYou : Texts.Configuration_EnableQuestion
        : Texts.Configuration_DisableQuestion;

    private string Sentence => Question switch
    {
        { On: false, Enrolments: 0 } => Texts.Configuration_DisableNobody,
        { On: false, Enrolments: 1 } => Texts.Configuration_DisableOne,
        { On: false } => Phrase.Of(Texts.Configuration_DisableMany, Count),
        { On: true, Enrolments: 0 } => Texts.Configuration_ConfirmIsYouSentence,
        { On: true, Enrolments: 1, AskCode: true } => Texts.Configuration_EnableOwn,
        { On: true, Enrolments: 1 } => Texts.Configuration_EnableOne,
        _ => Phrase.Of(Texts.Configuration_EnableMany, Count),
    };

    private string EraseHint => Question.Enrolments == 1 ? Texts.Configuration_EraseHintOne : Phrase.Of(Texts.Configuration_EraseHint, Count);

    private string Count => Question.Enrolments.ToString("N0", CultureInfo.CurrentCulture);

    private async Task AnswerAsync()
    {
        var answer = new MfaSwitchAnswer(erase, password, code);
        // A wrong password must be typed again, and none is kept longer than needed.
        (password, code) = (null, null);
        await OnAnswer.InvokeAsync(answer);
    }
}
