using Microsoft.AspNetCore.Components;
using Microsoft.JSInterop;
using OpenCrm.Portal.Controls;

namespace OpenCrm.Portal.Enrolment;

/// <summary>The key as a picture, as a link for a phone that cannot scan its own screen, and as text.</summary>
public sealed partial class ScanStep
{
    private QrImage image = null!;

    [Inject] private IJSRuntime Script { get; set; } = null!;

    [Inject] private Announcer Announcer { get; set; } = null!;

    protected override void OnInitialized() => image = QrImage.Of(View.OtpauthUri);

    private async Task CopyAsync() =>
        Announcer.Announce(await Script.CopyAsync(string.Concat(View.ManualKey)) ? Texts.Enrolment_KeyCopied : Texts.Enrolment_KeyNotCopied);
}
