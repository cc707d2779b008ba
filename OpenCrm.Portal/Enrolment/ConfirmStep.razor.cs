using OpenCrm.Portal.Controls;

namespace OpenCrm.Portal.Enrolment;

/// <summary>The last step before Save: a code in, a submit out.</summary>
public sealed partial class ConfirmStep
{
    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        // After a refusal the field is empty and keeps the focus.
        if (!submitted || field is null) return;
        submitted = false;
        await field.FocusAsync();
    }

    private async Task SaveAsync()
    {
        await OnSave.InvokeAsync();
        submitted = true;
    }

    private static string DriftText(TimeSpan drift)
    {
        var (off, ahead) = (drift.Duration(), drift > TimeSpan.Zero);
        // Known to half a minute, because that is how long a code stands.
        var howFar = off < TimeSpan.FromMinutes(2)
            ? Phrase.Of(Texts.Enrolment_Seconds, (int)off.TotalSeconds)
            : Phrase.Of(Texts.Enrolment_Minutes, (int)Math.Round(off.TotalMinutes));
        return Phrase.Of(ahead ? Texts.Enrolment_AheadLead : Texts.Enrolment_BehindLead, howFar);
    }
}
