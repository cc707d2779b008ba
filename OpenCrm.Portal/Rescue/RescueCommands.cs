using System.CommandLine;
using System.Globalization;
using Microsoft.EntityFrameworkCore;
using OpenCrm.Portal.Accounts;
using OpenCrm.Portal.Configuration;
using OpenCrm.Portal.Credentials;
using OpenCrm.Portal.Data;
using OpenCrm.Portal.Users;

namespace OpenCrm.Portal.Rescue;

/// <summary>
/// The command line of the server itself (docs/spec.md 8.4). It uses the portal's own services and is audited as the console. Anybody who can run it
/// can read the database anyway. Exit status: 0 done, 1 refused with one clear line, 2 wrong usage. Secrets come from standard input, never from
/// arguments.
/// </summary>
public static class RescueCommands
{
    private const string CreateAdmin = "create-admin";

    private const int Done = 0, Refused = 1, WrongUsage = 2;

    /// <summary>
    /// Splits arguments into settings, given as <c>--Key=value</c> anywhere or as <c>--Key value</c> before the command, and the command. Without a
    /// command the portal itself runs.
    /// </summary>
    public static (string[] Settings, string[] Command) Split(string[] args)
    {
        var pairs = 0;
        while (pairs + 1 < args.Length && IsKey(args[pairs]) && !args[pairs + 1].StartsWith('-')) pairs += 2;
        var (settings, command) = SplitRest(args[pairs..]);
        return ([.. args[..pairs], .. settings], command);
    }

    private static bool IsKey(string arg) =>
        arg.StartsWith("--", StringComparison.Ordinal) && !arg.Contains('=', StringComparison.Ordinal)
            && arg is not ("--help" or "--version" or "--users");

    private static (string[] Settings, string[] Command) SplitRest(string[] args)
    {
        var settings = args.Where(a => a.StartsWith("--", StringComparison.Ordinal) && a.Contains('=', StringComparison.Ordinal)
            && !a.StartsWith("--users=", StringComparison.Ordinal)).ToArray();
        string[] command = [.. args.Except(settings)];
        return (settings, command is ["help", .. var rest] ? [.. rest, "--help"] : command);
    }

    /// <summary>
    /// Runs what needs no portal, help and wrong usage, and returns the exit status; null for everything else. It touches no database and makes no
    /// file.
    /// </summary>
    public static async Task<int?> EndAtOnceAsync(string[] command)
    {
        if (command.Length == 0) return null;
        var parsed = Root(null).Parse(command);
        if (command.Any(a => a is "--help" or "-h" or "-?" or "--version")) return await parsed.InvokeAsync();
        foreach (var error in parsed.Errors) await Console.Error.WriteLineAsync(error.Message);
        return parsed.Errors.Count > 0 ? WrongUsage : null;
    }

    /// <summary>Whether the command may create the schema: the one that makes the first administrator may, on an empty database.</summary>
    public static Migrates Migrates(string[] command) => command switch
    {
        [] => Data.Migrates.WhenPending,
        [CreateAdmin, ..] => Data.Migrates.OnEmpty,
        _ => Data.Migrates.Never,
    };

    /// <summary>Runs the command and returns the exit status.</summary>
    public static async Task<int> RunAsync(IServiceProvider services, string[] command)
    {
        await services.GetRequiredService<NamesAtStart>().CarryOverAsync();
        // The caller prints a failure in one line; the library would print a stack trace.
        return await Root(services).Parse(command).InvokeAsync(new() { EnableDefaultExceptionHandler = false });
    }

    private static RootCommand Root(IServiceProvider? services)
    {
        T Service<T>() where T : class => services!.GetRequiredService<T>();
        var console = new Caller.Console();

        var username = new Argument<string>("USER") { Description = "The username." };
        var email = new Argument<string>("EMAIL") { Description = "The email address." };
        var createAdmin = new Command(CreateAdmin, "Makes a system administrator. The password is read from standard input.") { username, email };
        createAdmin.SetAction((parsed, cancel) => CreateAdminAsync(
            Service<RescueAccounts>(), console, parsed.GetRequiredValue(username).Trim(), parsed.GetRequiredValue(email).Trim(), cancel));

        var user = new Argument<string>("USER") { Description = "Username or email address." };
        var unlock = new Command("unlock", "Opens a locked account.") { user };
        unlock.SetAction(async (parsed, cancel) => Say(
            await Service<RescueAccounts>().UnlockAsync(console, parsed.GetRequiredValue(user), cancel),
            "{0} is unlocked.", "{0} is not locked."));

        var disableMfa = new Command("disable-mfa", "Disables the MFA of a user; the user and every system administrator get a mail.") { user };
        disableMfa.SetAction(async (parsed, cancel) => Say(
            await Service<RescueAccounts>().DisableMfaAsync(console, parsed.GetRequiredValue(user), cancel),
            "MFA of {0} is disabled.", "{0} has no MFA."));

        var liftHold = new Command("lift-hold", "Ends the hold after a recovery; the user and every system administrator get a mail.") { user };
        liftHold.SetAction(async (parsed, cancel) => Say(
            await Service<RescueAccounts>().LiftHoldAsync(console, parsed.GetRequiredValue(user), cancel),
            "The hold of {0} is lifted.", "{0} is not on hold."));

        var resetPassword = new Command("reset-password", "Prints a link that sets a new password, once, for 30 minutes.") { user };
        resetPassword.SetAction((parsed, cancel) => ResetPasswordAsync(
            Service<UnitsOfWork>(), Service<PublicAddress>(), console, parsed.GetRequiredValue(user), cancel));

        var url = new Argument<string>("URL") { Description = "Such as https://portal.example.com." };
        var publicAddress = new Command("public-address", "Sets the public address at once, for when a wrong one shuts everybody out.") { url };
        publicAddress.SetAction(async (parsed, cancel) =>
            await Service<PublicAddressChange>().SetAsync(console, parsed.GetRequiredValue(url), cancel) switch
            {
                PublicAddressOutcome.Set(var now) => Say($"The public address is {now}."),
                PublicAddressOutcome.NothingToDo(var now) => Refuse($"The public address is {now} already."),
                PublicAddressOutcome.Configured(var now) => Refuse($"Portal:PublicUrl is configured as {now} and wins: change it there."),
                PublicAddressOutcome.SavedMeanwhile => Refuse("Somebody saved the settings at this moment: try again."),
                _ => Refuse("The address must start with https:// and have no path, such as https://portal.example.com. "
                    + "Plain http:// works with localhost only."),
            });

        var users = new Command("users", "Lists the users.");
        users.SetAction((_, cancel) => ListAsync(Service<UnitsOfWork>(), Service<TimeProvider>(), cancel));

        var count = new Option<int>("--users") { Description = "How many users to make.", Required = true };
        count.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int>() is < 1 or > DemoCompany.Largest)
                result.AddError($"--users must be between 1 and {DemoCompany.Largest}.");
        });
        var seed = new Option<int?>("--seed") { Description = "Makes the same people each time." };
        var demo = new Command("demo", "Fills the portal with a made-up company.") { count, seed };
        demo.SetAction((parsed, cancel) => DemoAsync(Service<DemoCompany>(), parsed.GetValue(count), parsed.GetValue(seed), cancel));

        return new("OpenCRM Portal. Without a command the portal starts.")
            { createAdmin, unlock, disableMfa, liftHold, resetPassword, publicAddress, users, demo };
    }

    private static async Task<int> CreateAdminAsync(
        RescueAccounts accounts, Caller.Console console, string username, string email, CancellationToken cancel)
    {
        if (!Console.IsInputRedirected) await Console.Error.WriteAsync("Password: ");
        var password = await Console.In.ReadLineAsync(cancel) ?? "";
        return await accounts.CreateAdministratorAsync(console, username, email, password, cancel) switch
        {
            UserOutcome.Invalid invalid => Refuse(
                string.Join(" ", invalid.User.Select(Word).Distinct().Append(PasswordWording.Describe(invalid.Password)).OfType<string>())),
            _ => Say($"System administrator {username} is made."),
        };
    }

    private static async Task<int> ResetPasswordAsync(
        UnitsOfWork units, PublicAddress address, Caller.Console console, string name, CancellationToken cancel)
    {
        await using var work = await units.BeginAsync(cancel);
        if (await work.Users.FindTypedAsync(name, cancel) is not { } user) return Refuse("There is no such user.");
        switch (user.StatusAt(work.Now))
        {
            case AccountStatus.Inactive:
                return Refuse($"{user.UserName} is inactive: a new password would not help.");
            case AccountStatus.Locked or AccountStatus.LockedFailedAttempts:
                return Refuse($"{user.UserName} is locked: use unlock first.");
        }
        var (token, _) = await MailedLinks.CreateAsync(work, user, MailedLinkKind.ForgottenPassword, console, cancel);
        var link = $"{await address.ReadBaseAsync(work, cancel)}{PortalUrls.ResetPassword}#{token}";
        await work.CommitAsync(cancel);
        return Say(link);
    }

    private static async Task<int> ListAsync(UnitsOfWork units, TimeProvider time, CancellationToken cancel)
    {
        await using var work = await units.ReadAsync(cancel);
        var rows = work.Query<PortalUser>().OrderBy(u => u.NormalizedUserName).AsAsyncEnumerable();
        await foreach (var user in rows.WithCancellation(cancel))
            await Console.Out.WriteLineAsync(string.Create(CultureInfo.InvariantCulture,
                $"{user.UserName}\t{user.Email}\t{Word(user.StatusAt(time.GetUtcNow()))}\t"
                + $"{(user.TwoFactorEnabled ? "enrolled" : "not enrolled")}\t{(user.IsSystemAdministrator ? "system administrator" : "user")}"));
        return Done;
    }

    private static async Task<int> DemoAsync(DemoCompany demo, int count, int? seed, CancellationToken cancel) =>
        await demo.FillAsync(count, seed, cancel) is { } password
            ? Say($"{count} users are made. All of them have the password: {password}")
            : Refuse("There is no system administrator yet. Set the portal up first, or use create-admin.");

    private static int Say(UserOutcome outcome, string done, string nothing) => outcome switch
    {
        UserOutcome.Done(var user) => Say(string.Format(CultureInfo.InvariantCulture, done, user.UserName)),
        UserOutcome.NothingToDo(var user) => Refuse(string.Format(CultureInfo.InvariantCulture, nothing, user.UserName)),
        _ => Refuse("There is no such user."),
    };

    private static int Say(string line)
    {
        Console.Out.WriteLine(line);
        return Done;
    }

    private static int Refuse(string line)
    {
        Console.Error.WriteLine(line);
        return Refused;
    }

    private static string Word(AccountStatus status) => status is AccountStatus.LockedFailedAttempts ? "Locked - Failed Attempts" : status.ToString();

    private static string Word(UserFault fault) => fault switch
    {
        UserFault.UsernameTaken => "This username is taken.",
        UserFault.EmailTaken => "This email address is taken.",
        UserFault.EmailInvalid => Texts.Setup_EmailInvalid,
        UserFault.UsernameUnreadable or UserFault.NameUnreadable or UserFault.EmailUnreadable => Texts.Text_Unreadable,
        UserFault.UsernameMixed => Texts.Users_UsernameMixed,
        _ => Texts.Setup_UsernameInvalid,
    };
}
