using OpenCrm.Portal.AuditLog;
using OpenCrm.Portal.Configuration;
using OpenCrm.Portal.EmailTemplates;
using OpenCrm.Portal.Enrolment;
using OpenCrm.Portal.Help;
using OpenCrm.Portal.Home;
using OpenCrm.Portal.LostDevice;
using OpenCrm.Portal.Outbox;
using OpenCrm.Portal.Setup;
using OpenCrm.Portal.SignIn;
using OpenCrm.Portal.Users;

namespace OpenCrm.Portal.Shell;

/// <summary>Registers every feature; each folder registers its own services.</summary>
public static class Features
{
    public static void AddFeatures(this IServiceCollection services)
    {
        services.AddSignIn();
        services.AddLostDevice();
        services.AddEnrolment();
        services.AddSetup();
        services.AddConfiguration();
        services.AddHome();
        services.AddUsers();
        services.AddAuditLog();
        services.AddEmailTemplates();
        services.AddOutboxPage();
        services.AddHelp();
    }
}
