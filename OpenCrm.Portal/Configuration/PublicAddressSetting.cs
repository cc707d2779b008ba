using OpenCrm.Portal.Accounts;
using OpenCrm.Portal.Data;

namespace OpenCrm.Portal.Configuration;

/// <summary>
/// The public address. A new one waits until it is known to work (docs/spec.md 4.2); so does the first one, while this machine's own address is in
/// use. Typing the address in use cancels the waiting one.
/// </summary>
public sealed class PublicAddressSetting(Func<string> label) : Setting<GeneralSettings>(nameof(GeneralSettings.PendingPublicUrl), label)
{
    public override string Text(GeneralSettings block) => block.TypedPublicUrl ?? "";

    public override string Audited(GeneralSettings block) => block.PendingPublicUrl ?? "";

    /// <summary>Empty is accepted only where there has never been an address: links in mails need one.</summary>
    public override bool Accepts(string typed, GeneralSettings stored) =>
        Url(typed) is { Length: > 0 } url ? PublicAddress.IsValid(url) : stored.PublicUrl is null;

    /// <summary>Invisible characters have a text of their own, because the field looks right.</summary>
    public override string Refusal(string typed) =>
        IncomingText.IsLine(typed.Trim()) ? Texts.Configuration_PublicAddressInvalid : Texts.Text_Unreadable;

    public override void Put(GeneralSettings block, string typed) =>
        block.PendingPublicUrl = Url(typed) is { Length: > 0 } url && url != block.PublicUrl ? url : null;

    private static string Url(string typed) => typed.Trim().TrimEnd('/');
}
