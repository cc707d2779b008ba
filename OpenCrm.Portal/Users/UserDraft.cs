using OpenCrm.Portal.Controls;
using OpenCrm.Portal.Credentials;

namespace OpenCrm.Portal.Users;

/// <summary>The details of a user while they are typed, for New User and Edit. A failed save keeps it, so that nothing typed is lost.</summary>
public sealed class UserDraft(UserEdit stored)
{
    public EditedField<string> Username { get; } = new(stored.Username);

    public EditedField<string> Name { get; } = new(stored.Name);

    public EditedField<string> Email { get; } = new(stored.Email);

    public EditedField<bool> Administrator { get; } = new(stored.IsSystemAdministrator);

    public IReadOnlyList<UserFault> Faults { get; set; } = [];

    public UserEdit Typed => new(Username.Typed, Name.Typed, Email.Typed, Administrator.Typed);

    /// <summary>Whether the edit changes the role or the e-mail address, which needs a fresh proof (docs/spec.md 3.5).</summary>
    public bool ChangesRoleOrEmail => Administrator.IsChanged || Email.Typed.Trim() != Email.Stored;

    public bool IsContested => Username.IsContested || Name.IsContested || Email.IsContested || Administrator.IsContested;

    public string? UsernameError =>
        Word(UserFault.UsernameInvalid, Texts.Users_UsernameInvalid) ?? Word(UserFault.UsernameTaken, Texts.Users_UsernameTaken)
        ?? Word(UserFault.UsernameUnreadable, Texts.Text_Unreadable) ?? Word(UserFault.UsernameMixed, Texts.Users_UsernameMixed);

    public string? NameError => Word(UserFault.NameInvalid, Texts.Users_NameInvalid) ?? Word(UserFault.NameUnreadable, Texts.Text_Unreadable);

    public string? EmailError => Word(UserFault.EmailInvalid, Texts.Users_EmailInvalid) ?? Word(UserFault.EmailTaken, Texts.Users_EmailTaken)
        ?? Word(UserFault.EmailUnreadable, Texts.Text_Unreadable);

    /// <summary>Takes over what another administrator saved; what was typed here stays.</summary>
    public void Rebase(UserEdit theirs)
    {
        Username.Rebase(theirs.Username);
        Name.Rebase(theirs.Name);
        Email.Rebase(theirs.Email);
        Administrator.Rebase(theirs.IsSystemAdministrator);
    }

    private string? Word(UserFault fault, string word) => Faults.Contains(fault) ? word : null;
}
