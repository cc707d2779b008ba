using System.Globalization;
using OpenCrm.Portal.Accounts;

namespace OpenCrm.Portal.Credentials;

/// <summary>Describes the faults of a new password in words.</summary>
public static class PasswordWording
{
    /// <summary>One sentence for each fault, or null when there is none.</summary>
    public static string? Describe(IReadOnlyList<PasswordFault> faults, int minimumLength = PasswordPolicySettings.DefaultMinimumLength) =>
        faults.Count == 0 ? null : string.Join(" ", faults.Select(fault => fault switch
        {
            PasswordFault.TooShort => string.Format(CultureInfo.CurrentCulture, Texts.Password_TooShort, minimumLength),
            PasswordFault.TooLong => string.Format(CultureInfo.CurrentCulture, Texts.Password_TooLong, PasswordPolicy.MaximumLength),
            PasswordFault.NeedsUpperAndLower => Texts.Password_NeedsUpperAndLower,
            PasswordFault.NeedsDigit => Texts.Password_NeedsDigit,
            PasswordFault.NeedsSymbol => Texts.Password_NeedsSymbol,
            PasswordFault.TooCommon => Texts.Password_TooCommon,
            PasswordFault.ContainsOwnName => Texts.Password_ContainsOwnName,
            PasswordFault.Unreadable => Texts.Password_Unreadable,
            _ => throw new ArgumentOutOfRangeException(nameof(faults)),
        }));
}
