using System.Globalization;
using OpenCrm.Portal.Accounts;
using OpenCrm.Portal.Audit;
using OpenCrm.Portal.Data;
using OpenCrm.Portal.Mail;

namespace OpenCrm.Portal.Configuration;

/// <summary>
/// The block Mail as typed. The password is in no list of settings: it is never shown, an empty field keeps the stored one, and the audit trail holds
/// no value of it.
/// </summary>
/// <param name="Password">A new password; empty keeps the stored one.</param>
/// <param name="RemovePassword">Whether the stored password goes; ignored if a new one is typed.</param>
public sealed record MailEdit(int Version, IReadOnlyDictionary<string, string> Typed, string Password = "", bool RemovePassword = false)
    : BlockEdit<MailSettings>(Version, Typed)
{
    /// <summary>The name of the password among <see cref="SettingsOutcome.Invalid.Fields"/>.</summary>
    public const string PasswordField = "Password";

    /// <summary>Leaves out the password: a record prints all its properties, and so it would reach any log that prints the record.</summary>
    public override string ToString() => $"Mail, version {Version}";

    /// <summary>Writes what is typed into the block, password included.</summary>
    internal void PutInto(SettingsList<MailSettings> list, MailSettings block, Encryption encryption)
    {
        foreach (var setting in list.Settings.Where(setting => Typed.ContainsKey(setting.Name))) setting.Put(block, Typed[setting.Name]);
        if (Password.Length > 0) block.SetPassword(encryption, Password);
        else if (RemovePassword) block.SetPassword(encryption, null);
    }

    /// <summary>
    /// Refuses a new server, port or security with the old password: the stored password goes only to the service for which it was typed, and as
    /// protected as then, or whoever may save this block could have it sent to a listener of their own or read it from the network.
    /// </summary>
    internal override IReadOnlyList<string> Faults(SettingsList<MailSettings> list, MailSettings stored)
    {
        List<string> faults = [.. base.Faults(list, stored)];
        var tooLong = Password.Length > MailSettings.PasswordLength || !IncomingText.IsSecret(Password);
        if (tooLong || (KeepsPassword(stored) && MovesServer(stored))) faults.Add(PasswordField);
        return faults;
    }

    internal override Task PutAsync(
        SettingsList<MailSettings> list, UnitOfWork work, MailSettings stored, Caller.Person by, CancellationToken cancel)
    {
        if (Password.Length > 0)
        {
            stored.SetPassword(work.Encryption, Password);
            work.Record(new AuditEvent.MailPasswordChanged(), by);
        }
        else if (RemovePassword && stored.HasPassword)
        {
            stored.SetPassword(work.Encryption, null);
            work.Record(new AuditEvent.MailPasswordRemoved(), by);
        }
        return base.PutAsync(list, work, stored, by, cancel);
    }

    private bool KeepsPassword(MailSettings stored) => Password.Length == 0 && !RemovePassword && stored.HasPassword;

    private bool MovesServer(MailSettings stored) =>
        Typed.GetValueOrDefault(nameof(MailSettings.Host), stored.Host).Trim().Length > 0
        && (Differs(nameof(MailSettings.Host), stored.Host)
            || Differs(nameof(MailSettings.Port), stored.Port.ToString(CultureInfo.InvariantCulture))
            || Differs(nameof(MailSettings.Security), stored.Security.ToString()));

    private bool Differs(string setting, string was) =>
        Typed.TryGetValue(setting, out var typed) && !string.Equals(typed.Trim(), was, StringComparison.OrdinalIgnoreCase);
}
