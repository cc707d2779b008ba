using OpenCrm.Portal.Accounts;
using OpenCrm.Portal.Data;

namespace OpenCrm.Portal.Configuration;

/// <summary>
/// The public address. A new one waits until it is known to work (spec 4.2), the first one too: until then this machine's own address is in use. Typing the one in use calls
/// off the one that waits.
/// </summary>
public sealed class PublicAddressSetting(Func<string> label) : Setting<GeneralSettings>(nameof(GeneralSettings.PendingPublicUrl), label)
{
    public override string Text(GeneralSettings block) => block.TypedPublicUrl ?? "";

    public override string Audited(GeneralSettings block) => block.PendingPublicUrl ?? "";

    /// <summary>None is accepted only where there has been none: links in mails need one.</summary>
    public override bool Accepts(string typed, GeneralSettings stored) => Url(typed) is { Length: > 0 } url ? PublicAddress.IsValid(url) : stored.PublicUrl is null;

    /// <summary>What is not seen is told as such: the field looks right.</summary>
    public override string Refusal(string typed) => IncomingText.IsLine(typed.Trim()) ? Texts.Configuration_PublicAddressInvalid : Texts.Text_Unreadable;

    public override void Put(GeneralSettings block, string typed) => block.PendingPublicUrl = Url(typed) is { Length: > 0 } url && url != block.PublicUrl ? url : null;

    private static string Url(string typed) => typed.Trim().TrimEnd('/');
}
