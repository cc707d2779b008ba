Console.WriteLine(OpenCrm.Portal.Texts.Product);
