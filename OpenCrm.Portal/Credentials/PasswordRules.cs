using OpenCrm.Portal.Accounts;
using OpenCrm.Portal.Controls;

namespace OpenCrm.Portal.Credentials;

/// <summary>The password policy for one person, to check a new password while it is typed.</summary>
public sealed record PasswordRules(PasswordPolicySettings Policy, string? Username, string? Email)
{
    /// <summary>Each rule that applies, in words and in display order.</summary>
    public IReadOnlyList<(PasswordFault Fault, string Text)> Shown { get; } =
    [
        .. new (bool Applies, PasswordFault Fault, string Text)[]
        {
            (true, PasswordFault.TooShort, Phrase.Of(Texts.PasswordRule_Length, Policy.MinimumLength)),
            (Policy.RequireUpperAndLower, PasswordFault.NeedsUpperAndLower, Texts.PasswordRule_UpperAndLower),
            (Policy.RequireDigit, PasswordFault.NeedsDigit, Texts.PasswordRule_Digit),
            (Policy.RequireSymbol, PasswordFault.NeedsSymbol, Texts.PasswordRule_Symbol),
            (Policy.RefuseCommon, PasswordFault.TooCommon, Texts.PasswordRule_NotCommon),
            (Policy.RefuseOwnNames, PasswordFault.ContainsOwnName, Texts.PasswordRule_NotOwnName),
        }.Where(rule => rule.Applies).Select(rule => (rule.Fault, rule.Text)),
    ];

    /// <summary>The rules that the password breaks.</summary>
    public IReadOnlyList<PasswordFault> Evaluate(string password) => PasswordPolicy.Evaluate(password, Username, Email, Policy);
}
