namespace OpenCrm.Portal.LostDevice;

/// <summary>Registers the lost-device flow.</summary>
public static class LostDeviceServices
{
    public static void AddLostDevice(this IServiceCollection services) => services.AddScoped<LostDeviceFlow>();
}
