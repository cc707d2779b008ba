using System.Reflection;
using System.Runtime.CompilerServices;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Identity;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using OpenCrm.Portal.Data;
using OpenCrm.Portal.Sessions;
using OpenCrm.Portal.Tests.Support;

namespace OpenCrm.Portal.Tests.Architecture;

/// <summary>What no code of the portal ever does. The numbers are those of the rules in docs/architecture.md.</summary>
public sealed class NeverRules
{
    private static readonly Assembly Portal = typeof(Program).Assembly;
    private static readonly Assembly Tests = typeof(NeverRules).Assembly;

    // Generated code in the same assembly but outside of our namespace is not ours to check.
    private static readonly IReadOnlyList<CompiledType> Types =
        [.. CompiledType.AllOf(Portal).Where(type => Folders.Of(type.Name) is not null || type.Type == typeof(Program))];

    private static readonly string[] EntityFramework =
        ["Microsoft.EntityFrameworkCore", "Microsoft.AspNetCore.Identity.EntityFrameworkCore", "Npgsql"];

    [Fact]
    public void The_portal_is_large_enough_to_be_judged()
    {
        Assert.True(Types.Count >= 60, $"Only {Types.Count} types: are these rules looking at the portal?");
        Assert.True(Types.Count(IsComponent) >= 10, "Hardly any component");
        Assert.True(Types.Select(FolderOf).Distinct().Count() >= 6, "Hardly any folder");
        Assert.Contains(Types, IsRoutable);
    }

    [Fact]
    public void Every_folder_stands_in_the_picture_of_the_house() =>
        Nobody(Types.Where(type => FolderOf(type) is { Length: > 0 } folder && !Folders.All.Contains(folder)));

    [Fact]
    public void Rule_1_A_feature_never_knows_another_feature() =>
        NobodyKnows(
            type => Folders.Features.Contains(FolderOf(type)),
            (type, known) => Folders.Of(known) is { } folder && Folders.Features.Contains(folder) && folder != FolderOf(type));

    [Fact]
    public void Rule_1_Knowledge_runs_down_only() =>
        NobodyKnows(
            type => FolderOf(type).Length > 0,
            (type, known) => Folders.Of(known) is { } folder && !Folders.MayKnow(FolderOf(type), folder));

    [Fact]
    public void Rule_2_Accounts_never_knows_a_database_HTTP_Blazor_or_another_folder()
    {
        string[] foreign =
        [
            .. EntityFramework, "Microsoft.Data", "System.Data", "System.Net.Http", "MudBlazor", "Microsoft.JSInterop",
            "Microsoft.AspNetCore.Http", "Microsoft.AspNetCore.Components", "Microsoft.AspNetCore.Builder", "Microsoft.AspNetCore.Hosting",
            "Microsoft.AspNetCore.Mvc", "Microsoft.AspNetCore.Routing",
        ];
        NobodyKnows(IsIn("Accounts"), (_, known) => IsOf(known, foreign) || Folders.Of(known) is not (null or "" or "Accounts"));
    }

    [Fact]
    public void Rule_3_Data_knows_only_Accounts() =>
        NobodyKnows(IsIn("Data"), (_, known) => Folders.Of(known) is not (null or "" or "Data" or "Accounts"));

    [Fact]
    public void Rule_3_Audit_Mail_and_Sessions_never_know_a_feature() =>
        NobodyKnows(IsIn("Audit", "Mail", "Sessions"), (_, known) => Folders.Of(known) is { } folder && Folders.Features.Contains(folder));

    [Fact]
    public void Controls_know_no_other_folder() =>
        NobodyKnows(IsIn(Folders.Controls), (_, known) => Folders.Of(known) is not (null or "" or Folders.Controls));

    [Fact]
    public void Rule_4_A_component_never_knows_EF_the_managers_of_Identity_or_Data()
    {
        string[] managers = [typeof(UserManager<>).FullName!, typeof(SignInManager<>).FullName!, typeof(RoleManager<>).FullName!];
        NobodyKnows(IsComponent, (_, known) => IsOf(known, EntityFramework) || managers.Contains(known) || Folders.Of(known) == "Data");
    }

    [Fact]
    public void Rule_5_Only_Sessions_Shell_Http_and_endpoint_mappings_see_the_HttpContext()
    {
        string[] contexts = ["Microsoft.AspNetCore.Http.HttpContext", "Microsoft.AspNetCore.Http.IHttpContextAccessor"];
        NobodyKnows(type => !SeesHttp(type) && !MapsEndpoints(type), (_, known) => contexts.Contains(known));
    }

    [Fact]
    public void Rule_5_No_component_takes_the_HttpContext_wherever_it_stands()
    {
        string[] contexts = ["Microsoft.AspNetCore.Http.HttpContext", "Microsoft.AspNetCore.Http.IHttpContextAccessor"];
        NobodyKnows(IsComponent, (_, known) => contexts.Contains(known));
    }

    [Fact]
    public void Rule_5_Only_Sessions_signs_in_or_out() =>
        NobodyCalls(
            type => FolderOf(type) != "Sessions",
            call => call.Method is "SignInAsync" or "SignOutAsync" or "PasswordSignInAsync" or "TwoFactorSignInAsync" or "RefreshSignInAsync"
                    or "SignInWithClaimsAsync" or "SignIn" or "SignOut"
                && IsOf(call.Type, "Microsoft.AspNetCore.Authentication", "Microsoft.AspNetCore.Identity", "Microsoft.AspNetCore.Http"));

    [Fact]
    public void Rule_5_Only_Sessions_and_Shell_Http_write_cookies() =>
        NobodyCalls(type => !SeesHttp(type), call => call.Type == "Microsoft.AspNetCore.Http.IResponseCookies");

    [Fact]
    public void Rule_6_No_constructor_outside_Data_takes_a_DbContext_or_a_UserManager() =>
        Nobody(
            from type in AllTypes(Portal)
            where Folders.Of(type.FullName!) is not (null or "Data")
            from constructor in type.GetConstructors(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic)
            from parameter in constructor.GetParameters()
            where typeof(DbContext).IsAssignableFrom(parameter.ParameterType) || Derives(parameter.ParameterType, typeof(UserManager<>))
            select $"{type.FullName} takes {parameter.ParameterType.Name}");

    [Fact]
    public void Rule_7_Only_the_transports_know_the_mail_library() =>
        NobodyKnows(
            type => !IsTransport(type.Type),
            (_, known) => IsOf(known, "MailKit", "MimeKit") || known is "System.Net.Mail.SmtpClient" or "System.Net.Mail.MailMessage");

    [Fact]
    public void Rule_7_Only_the_OutboxDispatcher_and_a_trial_of_a_mail_server_call_a_transport()
    {
        var transports = AllTypes(Portal).Where(IsTransport).Select(type => type.FullName!).ToHashSet();
        NobodyCalls(
            type => type.Type.Name is not ("OutboxDispatcher" or "MailTrial") && !IsTransport(type.Type),
            call => transports.Contains(call.Type) && call.Method != ".ctor");
    }

    [Fact]
    public void Rule_8_Nobody_reads_the_clock()
    {
        NobodyCalls(
            _ => true,
            call => call.Type is "System.DateTime" or "System.DateTimeOffset" && call.Method is "get_Now" or "get_UtcNow" or "get_Today");
    }

    [Theory]
    [InlineData("P:System.DateTime.Now;")]
    [InlineData("P:System.DateTime.UtcNow;")]
    [InlineData("P:System.DateTime.Today;")]
    [InlineData("P:System.DateTimeOffset.Now;")]
    [InlineData("P:System.DateTimeOffset.UtcNow;")]
    public void Rule_8_The_compiler_refuses_the_clock_with_a_reason(string banned)
    {
        var line = Assert.Single(
            File.ReadLines(Path.Combine(PublishedPortal.RepositoryRoot, "BannedSymbols.txt")),
            line => line.StartsWith(banned, StringComparison.Ordinal));
        Assert.True(line.Length > banned.Length + 10, "The reason is missing");
    }

    [Fact]
    public void Rule_9_No_name_ends_in_Manager_Helper_Util_Dto_or_Base()
    {
        string[] endings = ["Manager", "Helper", "Helpers", "Util", "Utils", "Dto", "Base"];
        Nobody(
            from type in OurTypes()
            let name = type.Name.Split('`')[0]
            where endings.Any(ending => name.EndsWith(ending, StringComparison.Ordinal))
            select type.FullName!);
    }

    [Fact]
    public void Rule_9_No_interface_has_fewer_than_two_implementations()
    {
        var implementations = AllTypes(Portal).Concat(AllTypes(Tests)).Where(type => type is { IsInterface: false, IsAbstract: false }).ToList();
        Nobody(
            from contract in OurTypes()
            where contract.IsInterface
            let count = implementations.Count(type => type.GetInterfaces().Any(i => Definition(i) == contract))
            where count < 2
            select $"{contract.FullName} ({count})");
    }

    [Fact]
    public void Rule_10_Every_routable_component_says_who_may_see_it() =>
        Nobody(Types.Where(IsRoutable).Where(type => !SaysWhoMaySee(type.Type)));

    [Fact]
    public void Rule_11_Only_Sessions_reads_or_writes_session_rows() =>
        NobodyKnows(type => FolderOf(type) != "Sessions", (_, known) => known == typeof(PortalSession).FullName);

    [Fact]
    public void Rule_12_Nothing_that_Identitys_store_inherits_is_reachable_from_a_feature()
    {
        NobodyKnows(
            type => FolderOf(type) != "Data" && type.Type != typeof(Program),
            (_, known) => known == typeof(PortalUserStore).FullName
                || known.StartsWith("Microsoft.AspNetCore.Identity.UserManager", StringComparison.Ordinal)
                || (known.StartsWith("Microsoft.AspNetCore.Identity.IUser", StringComparison.Ordinal)
                    && known.Contains("Store", StringComparison.Ordinal)));
        Nobody(
            from property in typeof(UnitOfWork).GetProperties()
            where property.PropertyType.GetInterfaces().Any(contract => Definition(contract) == typeof(IUserStore<>))
            select $"UnitOfWork.{property.Name}");
    }

    [Fact]
    public void A_component_gets_what_it_needs_in_its_constructor() =>
        Nobody(
            from type in AllTypes(Portal)
            where typeof(IComponent).IsAssignableFrom(type) && Folders.Of(type.FullName!) is not null
            from property in type.GetProperties(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly)
            where property.IsDefined(typeof(InjectAttribute))
            select $"{type.FullName}.{property.Name}");

    private static bool SaysWhoMaySee(Type component) =>
        component.IsDefined(typeof(AllowAnonymousAttribute), inherit: true)
        || component.GetCustomAttributes<AuthorizeAttribute>(inherit: true).Any(rule => !string.IsNullOrEmpty(rule.Policy));

    private static string FolderOf(CompiledType type) => Folders.Of(type.Name) ?? "";

    private static Func<CompiledType, bool> IsIn(params string[] folders) => type => folders.Contains(FolderOf(type));

    private static bool IsComponent(CompiledType type) => typeof(IComponent).IsAssignableFrom(type.Type);

    private static bool IsRoutable(CompiledType type) => type.Type.IsDefined(typeof(RouteAttribute), inherit: false);

    private static bool SeesHttp(CompiledType type) =>
        FolderOf(type) == "Sessions" || IsOf(type.Name, $"{Folders.Root}.Shell.Http");

    // True for a static class with methods that extend the application or a route builder.
    private static bool MapsEndpoints(CompiledType type) =>
        type.Type is { IsAbstract: true, IsSealed: true }
        && type.Type.GetMethods(BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly)
            .Any(method => method.IsDefined(typeof(ExtensionAttribute))
                && (typeof(IEndpointRouteBuilder).IsAssignableFrom(method.GetParameters()[0].ParameterType)
                    || typeof(IApplicationBuilder).IsAssignableFrom(method.GetParameters()[0].ParameterType)));

    private static bool IsTransport(Type type) =>
        Folders.Of(type.FullName ?? "") == "Mail" && type.Name.Contains("Transport", StringComparison.Ordinal);

    private static bool IsOf(string typeName, params string[] namespaces) =>
        namespaces.Any(space => typeName.StartsWith(space + ".", StringComparison.Ordinal));

    private static bool Derives(Type type, Type generic)
    {
        for (var current = type; current is not null; current = current.BaseType)
            if (Definition(current) == generic)
                return true;
        return false;
    }

    private static Type Definition(Type type) => type.IsGenericType ? type.GetGenericTypeDefinition() : type;

    private static Type[] AllTypes(Assembly assembly) => assembly.GetTypes();

    private static IEnumerable<Type> OurTypes() =>
        AllTypes(Portal).Concat(AllTypes(Tests))
            .Where(type => Folders.Of(type.FullName ?? "") is not null
                && !type.IsDefined(typeof(CompilerGeneratedAttribute))
                && !type.Name.Contains('<', StringComparison.Ordinal));

    private static void NobodyKnows(Func<CompiledType, bool> who, Func<CompiledType, string, bool> what) =>
        Nobody(from type in Types where who(type) from known in type.Knows where what(type, known) select $"{type.Name} knows {known}");

    private static void NobodyCalls(Func<CompiledType, bool> who, Func<Call, bool> what) =>
        Nobody(from type in Types where who(type) from call in type.Calls where what(call) select $"{type.Name} calls {call.Type}.{call.Method}");

    private static void Nobody(IEnumerable<CompiledType> offenders) => Nobody(offenders.Select(type => type.Name));

    private static void Nobody(IEnumerable<string> offenders)
    {
        var named = offenders.Order(StringComparer.Ordinal).ToList();
        Assert.True(named.Count == 0, $"{named.Count} against the rule:\n{string.Join('\n', named)}");
    }
}
